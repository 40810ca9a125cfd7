/** What makes stores of calendars: rules and zones are larger than all the rest, so it is given and not taken. */

import { calendarStore } from "../store/calendar";
import type { CalendarCode } from "../store/calendar_code";
import { servedOccurrences } from "../store/served_occurrences";

export const calendars: CalendarCode = { store: calendarStore, served: servedOccurrences };
