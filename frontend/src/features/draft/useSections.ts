/** The sections of a draft that are given to agencies, live, with their places kept on the text of the editor. */
import type { EditorView } from "@codemirror/view";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { setKept } from "./editor/kept";
import { overdue, type Sections, sectionsKey, sectionsQuery, sectionsTopic } from "./sections";
import type { Session } from "./session";

/** The sections that are given, once they are placed in the editor; a new object whenever they were placed anew. */
export interface Given {
  sections: Sections;
}

export function useSections(draft: string | undefined, session: Session | undefined, view: EditorView | null, agency: string | undefined): Given | null {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const data = useQuery({ ...sectionsQuery(draft ?? ""), enabled: !!draft }).data;
  useTopic(draft ? sectionsTopic(draft) : null, sectionsKey(draft ?? ""));
  const [given, setGiven] = useState<Given | null>(null);
  useEffect(() => {
    if (!view || !session || !data) return;
    const put = () => {
      // The places are for a version whose updates may still be on their way.
      if (session.status.version < data.version) return false;
      const kept = data.items.flatMap((s) => {
        const at = s.lost ? null : session.locate(s.version, s.from, s.from);
        if (!at) return [];
        const name = pick(s.agency.short, locale);
        const label = s.done_at ? t("section.tag.done", { agency: name }) : s.due_at ? t(overdue(s) ? "section.tag.late" : "section.tag.due", { agency: name, date: fmt.day(s.due_at) }) : t("section.tag", { agency: name });
        return [{ id: s.id, at: at.from, agency: name, hue: s.agency.hue, mine: s.agency.id === agency, late: overdue(s), label }];
      });
      view.dispatch({ effects: setKept.of(kept) });
      setGiven({ sections: data });
      return true;
    };
    if (put()) return;
    const off = session.subscribe(() => {
      if (put()) off();
    });
    return off;
  }, [view, session, data, agency, locale, t, fmt]);
  return given;
}
