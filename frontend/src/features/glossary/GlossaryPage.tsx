import "./Glossary.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { BookA, Check, Pencil, Plus, RotateCcw, X } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Single } from "../../ui/Layout";
import { Seal } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useRegisterKeys } from "../../ui/useRegisterKeys";
import { useTitle } from "../../ui/useTitle";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { glossaryQuery, type Term, type TermState, termsKey } from "./api";
import { MoveTerm } from "./MoveTerm";
import { TermForm } from "./TermForm";

type Scope = "approved" | "proposed" | "closed";
const states: Record<Scope, string> = { approved: "approved", proposed: "proposed", closed: "rejected,retired" };
const tones = { proposed: "due", rejected: "against", retired: "line" } as const;

/** The network's terms, with what waits for the secretariat. */
export function GlossaryPage() {
  const t = useT();
  const [scope, setScope] = useState<Scope>("approved");
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const { by, on } = useNarrowing();
  const terms = useQuery({ ...glossaryQuery(states[scope], q, by), placeholderData: keepPreviousData });
  const [editing, setEditing] = useState<Term | "new" | null>(null);
  const [moving, setMoving] = useState<{ term: Term; to: TermState } | null>(null);
  const ref = useRegisterKeys<HTMLOListElement>();
  useTopic("terms", termsKey);
  useTitle(t("glossary.title"));
  const can = terms.data?.abilities ?? {};
  const items = terms.data?.items ?? [];
  const add = can["term.propose"] && (
    <Button tone="primary" onClick={() => setEditing("new")}>
      <Icon of={Plus} />
      {t(can["term.decide"] ? "glossary.add" : "glossary.propose")}
    </Button>
  );
  return (
    <Single>
      <div className="row between wrap">
        <div className="row wrap gap4">
          <h1 className="h-page">{t("glossary.title")}</h1>
          {terms.data && <span className="meta">{t("glossary.edition", { n: terms.data.edition })}</span>}
        </div>
        <div className="row wrap">
          {can["term.propose"] && <Segmented label={t("glossary.scope")} value={scope} onChange={setScope} options={(["approved", "proposed", "closed"] as const).map((v) => ({ value: v, label: t(`glossary.scope.${v}`) }))} />}
          {add}
        </div>
      </div>
      <p className="meta measure mt1">{t("glossary.intro")}</p>
      <NarrowBar facets={terms.data?.narrowing} className="term-filters">
        <input className="input" type="search" dir="auto" aria-label={t("glossary.filter")} placeholder={t("glossary.filter")} value={typed} onChange={(e) => setTyped(e.target.value)} />
        {terms.data && <span className="meta" role="status">{t("glossary.count", { n: items.length })}</span>}
      </NarrowBar>
      {terms.isPending && <Skeleton />}
      {terms.isError && <ErrorState fault={terms.error} retry={() => terms.refetch()} />}
      {terms.data && items.length === 0 && on && <NarrowedOut facets={terms.data.narrowing} />}
      {terms.data && items.length === 0 && !on && (
        <Empty title={q ? t("glossary.none", { q: typed.trim() }) : t("glossary.empty")} actions={!q && add}>{!q && t("glossary.empty.text")}</Empty>
      )}
      <ol className="reg terms" ref={ref}>
        {items.map((x) => (
          <Row key={x.id} term={x} decide={!!can["term.decide"]} onEdit={() => setEditing(x)} onMove={(to) => setMoving({ term: x, to })} />
        ))}
      </ol>
      {editing && <TermForm term={editing === "new" ? undefined : editing} decides={!!can["term.decide"]} close={() => setEditing(null)} />}
      {moving && <MoveTerm term={moving.term} to={moving.to} close={() => setMoving(null)} />}
    </Single>
  );
}

function Row({ term: x, decide, onEdit, onMove }: { term: Term; decide: boolean; onEdit: () => void; onMove: (to: TermState) => void }) {
  const t = useT();
  const fmt = useFormat();
  const labels = { approved: x.state === "proposed" ? t("glossary.approve") : t("glossary.restore"), rejected: t("glossary.reject"), retired: t("glossary.retire"), proposed: "" };
  const icons = { approved: x.state === "proposed" ? Check : RotateCcw, rejected: X, retired: X, proposed: BookA };
  return (
    <li>
      <div>
        <h2 className="text" tabIndex={-1} data-row><bdi lang="ar">{x.words.ar}</bdi></h2>
        <p className="en"><bdi lang="en">{x.words.en}</bdi></p>
      </div>
      <div className="text">
        {x.definition.ar && <p lang="ar" dir="rtl">{x.definition.ar}</p>}
        {x.definition.en && <p lang="en" dir="ltr" className="en">{x.definition.en}</p>}
        {x.note && <p className="meta"><b>{t("glossary.note")}:</b> <bdi>{x.note}</bdi></p>}
      </div>
      <div className="avoid">
        {x.discouraged.length > 0 && (
          <>
            <span className="meta">{t("glossary.avoid")}</span>
            <ul className="text">{x.discouraged.map((d) => <li key={d.lang + d.text}><s><bdi lang={d.lang}>{d.text}</bdi></s></li>)}</ul>
          </>
        )}
      </div>
      <div className="state">
        {x.state !== "approved" && <Tag tone={tones[x.state]}>{t(`glossary.state.${x.state}`)}</Tag>}
        {x.agency && x.state !== "approved" && <Seal agency={x.agency} mine={x.own} />}
        <span className="meta">{fmt.date(x.updated_at)}</span>
        <span className="row wrap">
          {(decide || (x.own && x.state === "proposed")) && <Button tone="quiet" small onClick={onEdit}><Icon of={Pencil} small />{t("action.edit")}</Button>}
          {x.next.map((to) => (
            <Button key={to} tone="quiet" small onClick={() => onMove(to)}><Icon of={icons[to]} small />{labels[to]}</Button>
          ))}
        </span>
      </div>
    </li>
  );
}
