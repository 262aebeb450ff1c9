import "./Library.css";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Check, Search, SearchX } from "lucide-react";
import { Fragment, type ReactNode, useState } from "react";
import { useIsMine } from "../../api/session";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { More } from "../../ui/More";
import { Seal, Text } from "../../ui/People";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useRegisterKeys } from "../../ui/useRegisterKeys";
import { useTitle } from "../../ui/useTitle";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { libraryQuery } from "./api";

/** Search over the published guides; a result opens the guide as every reader sees it. */
export function LibraryPage() {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const navigate = useNavigate();
  const { q = "", exact = false } = useSearch({ from: "/shell/library" });
  const [typed, setTyped] = useState(q);
  const [agency, setAgency] = useState<string | undefined>();
  const [lang, setLang] = useState<string | undefined>();
  const { by, on } = useNarrowing();
  const results = useInfiniteQuery({ ...libraryQuery({ q, agency, lang, exact, by }), placeholderData: keepPreviousData });
  const ref = useRegisterKeys<HTMLOListElement>();
  useTitle(q ? t("library.title.q", { q }) : t("library.title"));
  const answer = results.data?.pages[0];
  const items = results.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="shell lib">
      <aside className="fac" aria-label={t("library.filters")}>
        <Facet title={t("library.language")} chosen={lang} choose={setLang} rows={count(answer?.languages).map(([id, n]) => ({ id, n, label: t(id === "en" ? "lang.en" : "lang.ar") }))} />
        <Facet title={t("library.agency")} chosen={agency} choose={setAgency} rows={count(answer?.agencies).map(([id, n]) => ({ id, n, label: <Text of={answer?.names.find((a) => a.id === id)?.short} /> }))} />
      </aside>
      <main className="matn" id="matn" tabIndex={-1}>
        <h1 className="h-page">{t("library.title")}</h1>
        <search>
        <form
          className="sb"
          onSubmit={(e) => {
            e.preventDefault();
            navigate({ to: "/library", search: typed.trim() ? { ...by, q: typed.trim() } : by });
          }}
        >
          <Icon of={Search} />
          {/* biome-ignore lint/a11y/noAutofocus: whoever comes here, by the header or by "/", comes to search. */}
          <input className="input" type="search" dir="auto" autoFocus aria-label={t("library.search")} placeholder={t("library.search")} value={typed} onChange={(e) => setTyped(e.target.value)} />
          <Button type="submit" tone="primary">{t("library.go")}</Button>
        </form>
        </search>
        <p className="meta">
          {t("library.folds")}{" "}
          {q && <><Link to="/library" search={exact ? { ...by, q } : { ...by, q, exact: true }}>{t(exact ? "library.forms" : "library.exact")}</Link>{" · "}</>}
          <a href="/published">{t("library.public")}</a>
        </p>
        <NarrowBar facets={answer?.narrowing} className="row wrap lib-head">
          {results.data && (
            <div className="row wrap grow" role="status">
              <b>{t("library.results", { n: answer?.total ?? 0 })}</b>
              {answer?.partly && <span className="meta">{t("library.partly")}</span>}
            </div>
          )}
        </NarrowBar>
        {results.isPending && <Skeleton />}
        {results.isError && <ErrorState fault={results.error} retry={() => results.refetch()} />}
        {results.data && items.length === 0 && on && <NarrowedOut facets={answer?.narrowing} />}
        {results.data && items.length === 0 && !on && (
          <Empty icon={<span className="dim"><Icon of={SearchX} /></span>} title={q ? t("library.none", { q }) : t("library.empty")}>{t(q ? "library.none.text" : "library.empty.text")}</Empty>
        )}
        <ol className="lr" ref={ref}>
          {items.map((i) => (
            <li key={i.id}>
              <div className="m">
                <Tag tone="lapis">{t("library.kind.guideline")}</Tag>
                <span>{t("library.edition", { number: fmt.code(i.number) })}</span>
                {i.clause && <span>{t("library.clause", { number: fmt.code(i.clause) })}</span>}
                <Seal agency={i.agency} mine={isMine(i.agency)} />
                <span>{fmt.day(i.published_at)}</span>
                {i.language === "en" && <span lang="en">English</span>}
              </div>
              <h2><GoLink href={`/guides/${i.id}/e/${i.number}${i.clause_id ? `#${i.clause_id}` : ""}`} data-row><Text of={i.title} /></GoLink></h2>
              <p className="snip">{i.snippet_html ? <Snippet html={i.snippet_html} /> : <Text of={i.summary} />}</p>
            </li>
          ))}
        </ol>
        <More list={results} shown={items.length} all={answer?.total} />
      </main>
    </div>
  );
}

/** The commonest first. */
function count(of: Record<string, number> = {}): [string, number][] {
  return Object.entries(of).sort((a, b) => b[1] - a[1]).slice(0, 14);
}

function Facet({ title, rows, chosen, choose }: {
  title: string;
  rows: { id: string; n: number; label: ReactNode }[];
  chosen: string | undefined;
  choose: (id: string | undefined) => void;
}) {
  const fmt = useFormat();
  if (rows.length < 2 && !chosen) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {rows.map((r) => (
          <li key={r.id}>
            <button type="button" aria-pressed={chosen === r.id} onClick={() => choose(chosen === r.id ? undefined : r.id)}>
              <span className={`check ${chosen === r.id ? "on" : ""}`} aria-hidden="true">{chosen === r.id && <Icon of={Check} />}</span>
              {r.label}
              <span className="meta">{fmt.num(r.n)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A snippet: the hub's text with <mark> around whole words. Anything else in it is shown as text, never as markup. */
function Snippet({ html }: { html: string }) {
  const parts = html.split(/(<mark>[\s\S]*?<\/mark>)/);
  return (
    <bdi>
      {parts.map((p, i) => {
        const marked = /^<mark>([\s\S]*)<\/mark>$/.exec(p);
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move.
        return marked ? <mark key={i}>{unescapeText(marked[1] ?? "")}</mark> : <Fragment key={i}>{unescapeText(p)}</Fragment>;
      })}
    </bdi>
  );
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#34": '"', "#39": "'", apos: "'" };
function unescapeText(s: string): string {
  return s.replace(/&(amp|lt|gt|quot|#34|#39|apos);/g, (_, e: string) => entities[e] ?? "");
}
