/** The glossary's approved terms, live, under the text of the editor. */
import type { EditorView } from "@codemirror/view";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTopic } from "../../live/socket";
import { type Locale } from "../../api/types";
import { pick, type Translate } from "../../locales/i18n";
import { termsKey, termsQuery } from "../glossary/api";
import { setTerms, type TermWords } from "./editor/terms";

export function useTerms(view: EditorView | null): void {
  const terms = useQuery(termsQuery("approved")).data?.items;
  useTopic("terms", termsKey);
  useEffect(() => {
    if (view && terms) view.dispatch({ effects: setTerms.of(terms) });
  }, [view, terms]);
}

/** What the tooltip of a term says in the interface's language. */
export function termSayings(t: Translate, locale: Locale): TermWords {
  return {
    definition(term) {
      const text = pick(term.definition, locale);
      return text ? { text, lang: term.definition[locale] ? locale : locale === "ar" ? "en" : "ar" } : null;
    },
    preferred: (word) => t("glossary.tip.preferred", { word }),
    replace: (word) => t("glossary.tip.replace", { word }),
    edition: (n) => t("glossary.edition", { n }),
  };
}
