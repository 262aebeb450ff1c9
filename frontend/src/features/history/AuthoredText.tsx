import type { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Dir } from "../draft/editor/direction";
import { createAuthored, type Look, showMoment } from "./authored";
import type { Moment } from "./player";

/** The text of a moment with whose it is. */
export function AuthoredText({ moment, look, dir, lang, label }: { moment: Moment; look: (by: number) => Look | null; dir: Dir; lang: string; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view is made once; the label is of this language.
  useEffect(() => {
    const v = createAuthored(box.current!, { dir, lang, label });
    view.current = v;
    return () => {
      v.destroy();
      view.current = null;
    };
  }, [dir, lang]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a view made anew has to be filled.
  useEffect(() => {
    if (view.current) showMoment(view.current, moment.doc, moment.spans, look);
  }, [moment, look, dir, lang]);
  return <div className="hist-text" ref={box} data-version={moment.version} />;
}
