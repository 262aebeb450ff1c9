import "./Practice.css";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useHasRole, useIsGuest, useIsMine, useSession } from "../../api/session";
import type { Practice } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Single } from "../../ui/Layout";
import { More } from "../../ui/More";
import { Seal, Text } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { useRegisterKeys } from "../../ui/useRegisterKeys";
import { useTitle } from "../../ui/useTitle";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { practicesKey, practicesQuery } from "./api";
import { columns, exits } from "./stages";

/** The pipeline: ruled columns by stage, no cards. */
export function PracticesPage() {
  const t = useT();
  const hasRole = useHasRole();
  const { by, on } = useNarrowing();
  const guest = useIsGuest();
  const agency = useSession()?.agency; // an expert may have none, and then nothing is theirs or nominated in its name
  const [scope, setScope] = useState<"all" | "mine">("all");
  const practices = useInfiniteQuery({ ...practicesQuery({ agency: scope === "mine" && agency ? agency.id : "", by }), placeholderData: keepPreviousData });
  const first = practices.data?.pages[0];
  const facets = first?.narrowing;
  const ref = useRegisterKeys<HTMLDivElement>();
  useTopic("practices", practicesKey);
  useTitle(t("practices.title"));
  const items = practices.data?.pages.flatMap((p) => p.items);
  const gone = items?.filter((p) => exits.includes(p.stage)) ?? [];
  const at = (stages: readonly string[]) => stages.reduce((n, s) => n + (first?.stages[s] ?? 0), 0);
  const add = agency && hasRole("SA", "AL", "RP", "EX") && (
    <Link to="/practices/new" className={buttonClass({ tone: "primary" })}>
      <Icon of={Plus} />
      {t("practices.nominate")}
    </Link>
  );
  return (
    <Single>
      <NarrowBar facets={guest ? undefined : facets} end={add}>
        <div className="row wrap gap4 grow">
          <h1 className="h-page">{t("practices.title")}</h1>
          {facets && <span className="meta" role="status">{t("practices.count", { n: facets.total })}</span>}
        </div>
          {!guest && <Link to="/ballots" className={buttonClass({ tone: "quiet" })}>{t("ballots.title")}</Link>}
          {agency && <Segmented label={t("practices.scope")} value={scope} onChange={setScope} options={[{ value: "all", label: t("practices.scope.all") }, { value: "mine", label: t("practices.scope.mine") }]} />}
      </NarrowBar>
      {practices.isPending && <Skeleton />}
      {practices.isError && <ErrorState fault={practices.error} retry={() => practices.refetch()} />}
      {items?.length === 0 && on && <NarrowedOut facets={facets} />}
      {items?.length === 0 && !on && (guest
        ? <Empty title={t("practices.shared.none")}>{t("practices.shared.none.text")}</Empty>
        : <Empty title={t("practices.empty")} actions={add}>{t("practices.empty.text")}</Empty>)}
      {guest && items && items.length > 0 && (
        <ul className="reg exits mt3" ref={ref as never} aria-label={t("practices.shared")}>
          {items.map((p) => (
            <li key={p.id}>
              <Link to="/practices/$id" params={{ id: p.id }} className="text b plain" data-row><Text of={p.title} /></Link>
              <Seal agency={p.agency} mine={false} />
              <span className="meta">{t(`practice.stage.${p.stage}`)}</span>
            </li>
          ))}
        </ul>
      )}
      {!guest && items && items.length > 0 && (
        <div className="board" ref={ref}>
          {columns.map((c) => {
            const inside = items.filter((p) => c.stages.includes(p.stage));
            return (
              <section key={c.key} className="st" style={{ ["--k" as string]: c.colour }}>
                <div className="h">
                  <h2>{t(`practice.column.${c.key}`)}</h2>
                  <Count n={at(c.stages)} />
                </div>
                {at(c.stages) === 0 ? <p className="meta none">{t("practice.column.empty")}</p> : <ul>{inside.map((p) => <Entry key={p.id} practice={p} first={c.stages[0]} />)}</ul>}
              </section>
            );
          })}
        </div>
      )}
      {!guest && gone.length > 0 && (
        <section className="sect mt5">
          <div className="jadwal" />
          <h2>{t("practices.exits")} <Count n={at(exits)} /></h2>
          <ul className="reg exits mt2">
            {gone.map((p) => (
              <Exit key={p.id} practice={p} />
            ))}
          </ul>
        </section>
      )}
      <More list={practices} shown={items?.length ?? 0} all={facets?.total} />
    </Single>
  );
}

function Exit({ practice: p }: { practice: Practice }) {
  const t = useT();
  const isMine = useIsMine();
  return (
    <li>
      <Link to="/practices/$id" params={{ id: p.id }} className="text b plain"><Text of={p.title} /></Link>
      <Seal agency={p.agency} mine={isMine(p.agency)} />
      <span className="meta">{t(`practice.stage.${p.stage}`)}</span>
    </li>
  );
}

function Count({ n }: { n: number }) {
  return <span className="meta">{useFormat().num(n)}</span>;
}

function Entry({ practice: p, first }: { practice: Practice; first?: string }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const open = p.ballots?.find((b) => b.state === "open");
  const closed = open ? undefined : p.ballots?.find((b) => b.state === "closed");
  const coming = open || closed ? undefined : p.ballots?.find((b) => b.state === "scheduled");
  const since = p.updated_at ?? p.created_at;
  return (
    <li>
      <Link to="/practices/$id" params={{ id: p.id }} className="nm" data-row><Text of={p.title} /></Link>
      <span className="row between wrap">
        <Seal agency={p.agency} mine={isMine(p.agency)} />
        <span className="meta nw">
          {open?.tally ? t("practice.entry.votes", { n: open.tally.C, all: open.tally.E - open.tally.R }) : since ? fmt.relative(since) : ""}
        </span>
      </span>
      {open?.closes_at ? (
        <span className="c-due">{fmt.closes(open.closes_at)}{open.quorum_line ? ` · ${open.quorum_line.met ? t("ballot.quorum.met") : t("ballot.quorum.missing", { n: Math.max(0, open.quorum_line.needed - open.quorum_line.cast) })}` : ""}</span>
      ) : closed ? (
        <span className="c-due">{translateOr(`ballot.result.${closed.result}`, "")}{closed.result ? " · " : ""}{t("ballot.verify.waiting")}</span>
      ) : coming ? (
        <span className="meta">{t("ballot.state.scheduled")}</span>
      ) : (
        p.stage !== first && <span className="meta">{t(`practice.stage.${p.stage}`)}</span>
      )}
    </li>
  );
}
