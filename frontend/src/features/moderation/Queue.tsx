import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheckBig, Flag } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiFault } from "../../api/client";
import { useSession } from "../../api/session";
import type { ModerationItem } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Layout";
import { More } from "../../ui/More";
import { Person, Seal, Text } from "../../ui/People";
import { Segmented } from "../../ui/Segmented";
import { Empty, ErrorState, FaultNote, fieldError, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useToast } from "../../ui/Toast";
import { NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { claim, decide, type QueueScope, queueQuery, type Verdict } from "./api";

/** Flags that wait for a moderator: what was flagged, why, by how many agencies, and the verbs. */
export function Queue() {
  const t = useT();
  const [scope, setScope] = useState<QueueScope>("all");
  useTopic("moderation", ["moderation"]);
  const { by, on } = useNarrowing();
  const queue = useInfiniteQuery({ ...queueQuery(scope, by), placeholderData: keepPreviousData });
  const facets = queue.data?.pages[0]?.narrowing;
  const items = queue.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Section
      title={t("moderation.queue")}
      aside={<Segmented label={t("home.scope")} value={scope} onChange={setScope} options={(["all", "mine", "free", "hidden"] as const).map((v) => ({ value: v, label: t(`moderation.scope.${v}`) }))} />}
    >
      {queue.isPending && <Skeleton rows={2} />}
      {queue.isError && <ErrorState fault={queue.error} retry={() => queue.refetch()} />}
      {queue.data && items.length === 0 && on && (facets?.all ?? 0) > 0 && <NarrowedOut facets={facets} />}
      {queue.data && items.length === 0 && !(on && (facets?.all ?? 0) > 0) && <Empty icon={<span className="c-agree"><Icon of={CircleCheckBig} /></span>} title={t(scope === "hidden" ? "moderation.hidden.none" : "moderation.queue.none")} />}
      <ul className="reg mq mt2">{items.map((i) => <Row key={i.id} item={i} />)}</ul>
      <More list={queue} shown={items.length} all={facets?.total} />
    </Section>
  );
}

function Row({ item: i }: { item: ModerationItem }) {
  const t = useT();
  const fmt = useFormat();
  const client = useQueryClient();
  const me = useSession()?.person?.id;
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const take = useMutation({ mutationFn: () => claim(i.id, i.version), onSettled: () => client.invalidateQueries({ queryKey: ["moderation"] }) });
  const flags = i.flags ?? [];
  const reasons = [...new Set([i.reason, ...flags.map((f) => f.reason)].filter(Boolean))];
  const agencies = new Map(flags.flatMap((f) => (f.agency ? [[f.agency.id, f.agency] as const] : [])));
  const may = i.abilities["moderation.decide"];
  return (
    <li>
      <span className="dim"><Icon of={Flag} /></span>
      <div className="what">
        <b>{t("moderation.case", { what: translateOr(`moderation.kind.${i.kind}`, t("moderation.kind.other")) })}</b>{" "}
        {reasons.map((r) => <Tag key={r} tone={r === "personal_data" || r === "confidential" ? "against" : "neutral"}>{translateOr(`moderation.reason.${r}`, r)}</Tag>)}{" "}
        {i.hidden && <Tag tone="due">{t(i.auto_hidden && i.state === "pending" ? "moderation.auto_hidden" : "moderation.hidden")}</Tag>}
        {i.withheld ? <p className="meta">{t("moderation.withheld")}</p> : i.text && <blockquote dir="auto">{i.text.length > 400 ? <Long text={i.text} /> : i.text}</blockquote>}
        {flags.filter((f) => f.text).map((f) => <p className="meta" key={f.at + f.reason}><Text of={f.agency?.short} />: <bdi>{f.text}</bdi></p>)}
        <div className="meta row wrap">
          {i.author_agency && <span className="row">{t("moderation.by")} <Seal agency={i.author_agency} /></span>}
          <span>{t("moderation.flags", { n: flags.length, agencies: agencies.size })}</span>
          {i.url && !i.withheld && <GoLink href={i.url}>{t("moderation.place")}</GoLink>}
        </div>
      </div>
      <div>
        <b>{fmt.relative(i.created_at)}</b>
        {i.decided_at && <div className="meta">{t("moderation.decided_by")} <Person of={i.decided_by} /></div>}
        {i.note && i.state !== "pending" && <p className="meta"><bdi>{i.note}</bdi></p>}
        <div className="meta">{i.state !== "pending" ? null : i.claimed_by ? <Person of={i.claimed_by} /> : t("moderation.unclaimed")}</div>
      </div>
      <div className="ac">
        {may && (
          <>
            {i.hidden ? <Button small data-verdict="restore" onClick={() => setVerdict("restore")}>{t("moderation.act.restore")}</Button> : <Button small data-verdict="hide" onClick={() => setVerdict("hide")}>{t("moderation.act.hide")}</Button>}
            {i.state === "pending" && (
              <>
                <Button small onClick={() => setVerdict(i.hidden ? "hide" : "keep")}>{t(i.hidden ? "moderation.act.uphold" : "moderation.act.keep")}</Button>
                {i.claimed_by?.id !== me && <Button small tone="quiet" data-claim pending={take.isPending} onClick={() => take.mutate()}>{t("moderation.act.claim")}</Button>}
                <Button small tone="quiet" onClick={() => setVerdict("ignore")}>{t("moderation.act.ignore")}</Button>
              </>
            )}
          </>
        )}
        {!may && <p className="meta">{t("moderation.own")}</p>}
        {take.error && <FaultNote fault={take.error} />}
      </div>
      {verdict && <VerdictDialog item={i} verdict={verdict} close={() => setVerdict(null)} />}
    </li>
  );
}

function Long({ text }: { text: string }) {
  const t = useT();
  return <details><summary>{[...text].slice(0, 160).join("")}… <span className="meta">{t("action.more")}</span></summary>{text}</details>;
}

function VerdictDialog({ item: i, verdict, close }: { item: ModerationItem; verdict: Verdict; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [reason, setReason] = useState("");
  const run = useMutation({
    mutationFn: () => decide(i.id, verdict, reason.trim(), i.version),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ["moderation"] });
      client.invalidateQueries({ queryKey: ["desk"] });
      toast(t("moderation.decided"));
      close();
    },
    onError: (f) => {
      // Somebody else acted first: show the case as it is now.
      if (f instanceof ApiFault && f.status === 409) client.invalidateQueries({ queryKey: ["moderation"] });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!run.isPending) run.mutate();
  };
  return (
    <Dialog title={t(`moderation.act.${verdict}`)} onClose={close}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t(`moderation.act.${verdict}.text`)}</p>
        <Area label={<>{t("form.reason")} {verdict === "ignore" && <span className="meta">{t("form.optional")}</span>}</>} hint={t("moderation.reason.hint")} required={verdict !== "ignore"} value={reason} error={fieldError(run.error, "reason")} onChange={(e) => setReason(e.target.value)} />
        {run.error && <FaultNote fault={run.error} />}
        <div className="acts">
          <Button type="submit" tone="primary" pending={run.isPending}>{t("action.confirm")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
