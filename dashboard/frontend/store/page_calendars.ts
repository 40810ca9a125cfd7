/** Brings the code of calendars to the page's client, wherever in the bundle that is. */

import { calendarStore } from "./calendar";
import { bringCalendarCode } from "./calendar_code";
import { servedOccurrences } from "./served_occurrences";

bringCalendarCode({ store: calendarStore, served: servedOccurrences });
