import "./reading.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ApiFault, api } from "../../api/client";
import { useT } from "../../locales/i18n";
import { usePrefs } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { fromHub } from "../../ui/html";
import { ErrorState, FaultNote, lineOf, Skeleton } from "../../ui/States";
import type { Session } from "./session";
import { useStatus } from "./useDraft";

interface ReadingText {
  html: string;
  toc: { id: string; number: string; text: string; level: number }[] | null;
  version: number;
}

/** The hub's own rendering of the committed text; it follows while others write. */
export function Reading({ edition, session, lang, dir, goToLine }: { edition: string; session?: Session; lang: string; dir: string; goToLine?: (n: number) => void }) {
  const t = useT();
  const { version } = useStatus(session);
  const queries = useQueryClient();
  const { prefs } = usePrefs();
  const digits = prefs.locale === "ar" ? prefs.digits : "latn";
  const key = ["edition", edition, "reading", digits];
  const reading = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<ReadingText>(`/editions/${edition}/reading?digits=${digits}`, signal), staleTime: 0 });
  const shown = reading.data?.version;
  const refused = useRef(-1); // the version that was not shown
  if (!reading.isError) refused.current = -1;
  else if (refused.current < 0) refused.current = version;
  // biome-ignore lint/correctness/useExhaustiveDependencies: key is made of edition and digits.
  useEffect(() => {
    const seen = reading.isError ? refused.current : shown;
    if (seen === undefined || version <= seen) return;
    refused.current = version;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: key }), 1_200);
    return () => clearTimeout(timer);
  }, [shown, reading.isError, version, queries, edition, digits]);
  if (reading.isPending) return <Skeleton rows={8} />;
  // A text beyond the limits of Markdown is shown by no other try, only by another text.
  if (reading.isError && reading.error instanceof ApiFault && reading.error.status === 413) {
    const line = lineOf(reading.error);
    return (
      <div className="empty">
        <FaultNote fault={reading.error}>{t("draft.beyond")}</FaultNote>
        {line > 0 && goToLine && <div className="row"><Button small tone="primary" onClick={() => goToLine(line)}>{t("draft.beyond.go")}</Button></div>}
      </div>
    );
  }
  if (reading.isError) return <ErrorState fault={reading.error} retry={() => void reading.refetch()} />;
  return (
    <article
      className="doc reading"
      lang={lang}
      dir={dir}
      aria-label={t("draft.text.label")}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: the hub's sanitised rendering; the content security policy is the second lock.
      dangerouslySetInnerHTML={fromHub(reading.data.html)}
    />
  );
}
