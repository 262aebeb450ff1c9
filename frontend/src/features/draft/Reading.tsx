import "./reading.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../../api/client";
import { useT } from "../../locales/i18n";
import { usePrefs } from "../../locales/prefs";
import { fromHub } from "../../ui/html";
import { ErrorState, Skeleton } from "../../ui/States";
import type { Session } from "./session";
import { useStatus } from "./useDraft";

interface ReadingText {
  html: string;
  toc: { id: string; number: string; text: string; level: number }[] | null;
  version: number;
}

/** The hub's own rendering of the committed text; it follows while others write. */
export function Reading({ edition, session, lang, dir }: { edition: string; session?: Session; lang: string; dir: string }) {
  const t = useT();
  const { version } = useStatus(session);
  const queries = useQueryClient();
  const { prefs } = usePrefs();
  const digits = prefs.locale === "ar" ? prefs.digits : "latn";
  const key = ["edition", edition, "reading", digits];
  const reading = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<ReadingText>(`/editions/${edition}/reading?digits=${digits}`, signal), staleTime: 0 });
  const shown = reading.data?.version;
  // biome-ignore lint/correctness/useExhaustiveDependencies: key is made of edition and digits.
  useEffect(() => {
    if (shown === undefined || version <= shown) return;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: key }), 1_200);
    return () => clearTimeout(timer);
  }, [shown, version, queries, edition, digits]);
  if (reading.isPending) return <Skeleton rows={8} />;
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
