/** The calendar day where this person is; changes at midnight, also after the machine slept. */

import { useEffect, useState } from "react";
import { dayOf } from "./board/due";

const LOOK_AGAIN_MS = 60_000;

export function useToday(): string {
  const [today, setToday] = useState(() => dayOf(new Date()));
  useEffect(() => {
    const look = () => setToday(dayOf(new Date()));
    const timer = setInterval(look, LOOK_AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return today;
}
