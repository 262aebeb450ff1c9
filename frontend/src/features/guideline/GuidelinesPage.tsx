import "./Guideline.css";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FilePlus2, MessageSquare } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useHasRole, useIsMine, useSession } from "../../api/session";
import type { GuidelineItem } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Single } from "../../ui/Layout";
import { Seal, Text } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useRegisterKeys } from "../../ui/useRegisterKeys";
import { useTitle } from "../../ui/useTitle";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { guidelinesKey, guidelinesQuery } from "./api";
import { CreateGuideline } from "./CreateGuideline";
import { editionLook } from "./states";

type Scope = "work" | "mine" | "all";
const step = 50;

/** The guidelines the reader may see: those in work first. */
export function GuidelinesPage() {
  const t = useT();
  const agency = useSession()?.agency;
  const hasRole = useHasRole();
  const may = hasRole("SA", "AL", "RP");
  // Whoever only reads comes for what is published; drafts are shown to those who write them or are invited.
  const [scope, setScope] = useState<Scope>(may || hasRole("MO") ? "work" : "all");
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(step);
  const q = useDeferredValue(typed.trim());
  const { by, on } = useNarrowing();
  const list = useInfiniteQuery({ ...guidelinesQuery({ q, mine: scope === "mine", work: scope === "work", by }), placeholderData: keepPreviousData });
  const facets = list.data?.pages[0]?.narrowing;
  const [creating, setCreating] = useState(false);
  const ref = useRegisterKeys<HTMLOListElement>();
  useTopic("guidelines", guidelinesKey);
  useTitle(t("guidelines.title"));
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  const more = list.hasNextPage;
  const add = may && <Button tone="primary" onClick={() => setCreating(true)}><Icon of={FilePlus2} />{t("guideline.new")}</Button>;
  return (
    <Single>
      <div className="row between wrap">
        <h1 className="h-page">{t("guidelines.title")}</h1>
        <div className="row wrap">
          <Segmented label={t("guidelines.scope")} value={scope} onChange={setScope} options={(["work", "mine", "all"] as const).filter((v) => v !== "mine" || agency).map((v) => ({ value: v, label: t(`guidelines.scope.${v}`) }))} />
          {add}
        </div>
      </div>
      <NarrowBar facets={facets} className="filters">
        <input className="input" type="search" dir="auto" aria-label={t("guidelines.filter")} placeholder={t("guidelines.filter")} value={typed} onChange={(e) => setTyped(e.target.value)} />
        {list.data && <span className="meta" role="status">{t("guidelines.count", { n: facets?.total ?? items.length })}</span>}
      </NarrowBar>
      {list.isPending && <Skeleton />}
      {list.isError && <ErrorState fault={list.error} retry={() => list.refetch()} />}
      {list.data && items.length === 0 && on && <NarrowedOut facets={facets} />}
      {list.data && items.length === 0 && !on && (
        <Empty title={t(q ? "guidelines.none" : may || scope === "all" ? "guidelines.empty" : `guidelines.empty.${scope}`)} actions={!q && (add || (scope !== "all" && <Button small onClick={() => setScope("all")}>{t("guidelines.scope.all")}</Button>))}>{t(q ? "guidelines.none.text" : may ? "guidelines.empty.text" : "guidelines.empty.reader")}</Empty>
      )}
      <ol className="reg glist" ref={ref}>
        {items.slice(0, shown).map((g) => <Row key={g.id} item={g} />)}
      </ol>
      {(items.length > shown || more) && <Button className="mt3" pending={list.isFetchingNextPage} onClick={() => {
        setShown(shown + step);
        if (more && items.length <= shown + step) list.fetchNextPage();
      }}>{t("action.more")}</Button>}
      {creating && <CreateGuideline close={() => setCreating(false)} />}
    </Single>
  );
}

function Row({ item: g }: { item: GuidelineItem }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const work = g.in_work;
  const look = work ? editionLook[work.state] : g.current ? editionLook.published : null;
  return (
    <li>
      <div>
        <h2><Link to="/guidelines/$gid" params={{ gid: g.id }} data-row><Text of={g.title} /></Link></h2>
        <p className="meta clamp2"><Text of={g.summary} /></p>
      </div>
      <div><Seal agency={g.agency} mine={isMine(g.agency)} /><div className="meta">{t(`guideline.kind.${g.kind}`)}</div></div>
      <div>
        {look && <Tag tone={look.tone} icon={look.icon}>{t("guideline.edition.state", { number: fmt.code(work?.number ?? g.current?.number ?? ""), state: t(`edition.state.${work?.state ?? "published"}`) })}</Tag>}
        {work && <div className="meta">{fmt.relative(work.updated_at)}</div>}
      </div>
      <div className="meta nw">{g.threads_open > 0 && <><Icon of={MessageSquare} small /> {t("guideline.threads", { n: g.threads_open })}</>}</div>
    </li>
  );
}
