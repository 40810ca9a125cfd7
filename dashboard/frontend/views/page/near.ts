/** Whether an element is in sight or soon will be; once it was, it stays. */

import { type RefObject, useEffect, useState } from "react";

/** A screen ahead: what is scrolled to is there when it comes. */
const AHEAD = "600px 0px";

export function useNear(element: RefObject<Element | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (isNear || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { rootMargin: AHEAD },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, isNear]);
  return isNear;
}
