/** A text to read: its Markdown as it is meant. Until the renderer is loaded, as it is written. */

import { useEffect, useMemo, useState } from "react";

type Render = typeof import("./markdown")["htmlOf"];

interface NoteTextProps {
  readonly text: string;
  /** Names that are marked where they stand after an @. */
  readonly names?: readonly string[];
}

let loaded: Render | null = null;

export function NoteText({ text, names }: NoteTextProps) {
  const render = useRenderer();
  const html = useMemo(() => render?.(text, names ?? []) ?? null, [render, text, names]);
  if (html === null) return <div className="prose unread">{text}</div>;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: made by markdown-it without HTML, and purified
  return <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}

function useRenderer(): Render | null {
  const [render, setRender] = useState<Render | null>(() => loaded);
  useEffect(() => {
    if (loaded !== null) return;
    let isGone = false;
    void import("./markdown").then(({ htmlOf }) => {
      loaded = htmlOf;
      if (!isGone) setRender(() => htmlOf);
    });
    return () => {
      isGone = true;
    };
  }, []);
  return render;
}
