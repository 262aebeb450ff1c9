import "./Ballot.css";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Vote } from "lucide-react";
import { useState } from "react";
import type { Ballot } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Single } from "../../ui/Layout";
import { More } from "../../ui/More";
import { Said, Text } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useRegisterKeys } from "../../ui/useRegisterKeys";
import { useTitle } from "../../ui/useTitle";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { ballotsQuery } from "./api";
import { ended, stateTone, stateWord } from "./words";

type Scope = "open" | "decided" | "all";
const states: Record<Scope, string> = { open: "open,scheduled,draft", decided: "closed,certified,cancelled", all: "" };

/** All ballots: what is open first, by closing time. */
export function BallotsPage() {
  const t = useT();
  const [scope, setScope] = useState<Scope>("open");
  const { by, on } = useNarrowing();
  const ballots = useInfiniteQuery({ ...ballotsQuery({ state: states[scope], order: scope === "open" ? "closing" : "closed", by }), placeholderData: keepPreviousData });
  const facets = ballots.data?.pages[0]?.narrowing;
  useTopic("ballots", ["ballots"]);
  useTitle(t("ballots.title"));
  const ref = useRegisterKeys<HTMLOListElement>();
  const items = ballots.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Single>
      <NarrowBar facets={facets}>
        <div className="row wrap gap4 grow">
          <h1 className="h-page">{t("ballots.title")}</h1>
          {facets && <span className="meta" role="status">{t("ballots.count", { n: facets.total })}</span>}
        </div>
        <Segmented label={t("ballots.scope")} value={scope} onChange={setScope} options={(["open", "decided", "all"] as const).map((v) => ({ value: v, label: t(`ballots.scope.${v}`) }))} />
      </NarrowBar>
      <div className="mt3">
        {ballots.isPending && <Skeleton />}
        {ballots.isError && <ErrorState fault={ballots.error} retry={() => ballots.refetch()} />}
        {ballots.data && items.length === 0 && on && <NarrowedOut facets={facets} />}
        {ballots.data && items.length === 0 && !on && <Empty icon={<span className="dim"><Icon of={Vote} /></span>} title={t("ballots.empty")}>{t("ballots.empty.text")}</Empty>}
        {items.length > 0 && <ol className="reg blist" ref={ref}>{items.map((b) => <Row key={b.id} ballot={b} />)}</ol>}
        <More list={ballots} shown={items.length} all={facets?.total} />
      </div>
    </Single>
  );
}

function Row({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const look = stateTone(b);
  return (
    <li>
      <div>
        <h2><GoLink href={`/ballots/${b.id}`} data-row><Text of={b.subject.title} /></GoLink></h2>
        <p className="meta">{b.state === "open" ? <Said of={b.needs} /> : <Text of={b.question} />}</p>
      </div>
      <div>
        <b>{b.state === "open" ? fmt.closes(b.closes_at) : b.state === "scheduled" && b.opens_at ? t("ballot.will_open", { when: fmt.day(b.opens_at) }) : fmt.day(ended(b))}</b>
        {b.tally.E > 0 && <div className="meta">{t("ballot.cast.of", { n: b.tally.C, all: b.tally.E - b.tally.R })}</div>}
      </div>
      <div>
        <Tag tone={look.tone} icon={look.icon}>{translateOr(stateWord(b), b.state)}</Tag>
        {b.state === "open" && (b.mine || b.in_electorate) && <div className={b.mine ? "meta" : "c-due b"}>{b.mine ? t("ballot.recorded", { choice: t(`ballot.choice.${b.mine.choice}`) }) : t("ballot.stick.not_voted")}</div>}
      </div>
    </li>
  );
}
