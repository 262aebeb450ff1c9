import "./Member.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Pencil, UserPlus } from "lucide-react";
import { useState } from "react";
import { useIsMine } from "../../api/session";
import type { AgencyDetail, Seat } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Columns, Section, Single } from "../../ui/Layout";
import { Person, Seal, Text } from "../../ui/People";
import { Empty, ErrorState, FaultNote, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { AgencyForm } from "./AgencyForm";
import { agencyKey, agencyQuery, endSeat } from "./api";
import { useWords } from "./words";
import { Invitations } from "./Invitations";
import { InviteDialog } from "./InviteDialog";

/** An agency: its data, its seats, who held them. */
export function AgencyPage() {
  const { id } = useParams({ from: "/shell/agencies/$id" });
  const locale = useLocale();
  const agency = useQuery(agencyQuery(id));
  useTitle(agency.data ? pick(agency.data.name, locale) : undefined);
  if (agency.isPending) return <Single><Skeleton /></Single>;
  if (!agency.data) return <Single><ErrorState fault={agency.error} retry={() => agency.refetch()} /></Single>;
  return <Page agency={agency.data} />;
}

function Page({ agency: a }: { agency: AgencyDetail }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const [inviting, setInviting] = useState(false);
  const [editing, setEditing] = useState(false);
  const can = a.abilities ?? {};
  const wordOf = useWords();
  const other = useLocale() === "ar" ? "en" : "ar";
  const otherName = a.name[other];
  const add = can["agency.invite"] && <Button tone="primary" onClick={() => setInviting(true)}><Icon of={UserPlus} />{t("agency.invite")}</Button>;
  return (
    <Columns
      label={t("agency.history")}
      matn={
        <>
          <div className="crumb"><Link to="/agencies">{t("agencies.title")}</Link></div>
          <div className="row between wrap">
            <div>
              <h1 className="h-page"><Text of={a.name} /></h1>
              {otherName && <p className="dim" lang={other}><bdi>{otherName}</bdi></p>}
              <div className="row wrap meta gap3">
                <Seal agency={a} mine={isMine(a)} />
                <bdi dir="ltr">{a.code}</bdi>
                <span>{translateOr(`agency.kind.${a.kind}`, a.kind)}</span>
                <span>{translateOr(`agency.tier.${a.tier}`, a.tier)}</span>
                {a.sector && <span>{wordOf("sector", a.sector)}</span>}
                {a.area && <span>{wordOf("area", a.area)}</span>}
                <span>{t(a.has_vote ? "agencies.vote.yes" : "agencies.vote.no")}</span>
                {a.status !== "active" && <Tag tone="against">{translateOr(`agency.status.${a.status}`, a.status)}</Tag>}
              </div>
            </div>
            <div className="row wrap">
              {can["agency.update"] && <Button onClick={() => setEditing(true)}><Icon of={Pencil} />{t("agency.edit")}</Button>}
              {add}
            </div>
          </div>
          <Section title={t("agency.seats")} className="mt4">
            {a.seats.length === 0 && <Empty title={t("agency.seats.none")} actions={add}>{t("agency.seats.none.text")}</Empty>}
            <ul className="reg seatlist mt2">
              {a.seats.map((s) => <SeatRow key={s.id} seat={s} agency={a} />)}
            </ul>
          </Section>
          {inviting && <InviteDialog agency={a} close={() => setInviting(false)} />}
          {editing && <AgencyForm agency={a} close={() => setEditing(false)} />}
        </>
      }
      hashiya={
        <>
        {can["agency.invite"] && <Invitations agency={a.id} />}
        <Section title={t("agency.history")}>
          {a.history.length === 0 && <p className="meta mt1">{t("agency.history.none")}</p>}
          <ol className="tl mt2">
            {a.history.map((h) => (
              <li key={h.at + (h.event ?? "") + (typeof h.person === "object" ? h.person?.id : "")} className="did">
                <span>
                  {translateOr(`agency.event.${h.event}`, h.event ?? "")}: <Person of={h.person} />
                </span>
                <span className="meta">{fmt.day(h.at)}</span>
              </li>
            ))}
          </ol>
        </Section>
        </>
      }
    />
  );
}

function SeatRow({ seat: s, agency: a }: { seat: Seat; agency: AgencyDetail }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [replacing, setReplacing] = useState(false);
  const end = useMutation({
    mutationFn: () => endSeat(s.id),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: agencyKey(a.id) });
      toast(t("agency.seat.ended"));
      setAsking(false);
    },
  });
  return (
    <li>
      <div><b><Person of={s.person} /></b><div className="meta">{(s.roles ?? []).map((r) => translateOr(`role.${r}`, r)).join(t("list.comma"))}</div></div>
      <div>{t(`seat.${s.kind}`)}</div>
      <div className="meta">{t(s.can_vote ? "account.votes" : "account.votes.no")}<div>{t("agency.seat.since", { when: fmt.date(s.since) })}</div></div>
      <div className="row wrap">
        {s.abilities?.["seat.handover"] && <Link className={buttonClass({ small: true, tone: "quiet" })} to="/seats/$id/handover" params={{ id: s.id }}>{t("handover.link")}</Link>}
        {s.abilities?.["seat.replace"] && <Button small tone="quiet" onClick={() => setReplacing(true)}>{t("agency.seat.replace")}</Button>}
        {s.abilities?.["seat.end"] && <Button small tone="quiet" onClick={() => setAsking(true)}>{t("agency.seat.end")}</Button>}
      </div>
      {replacing && <InviteDialog agency={a} seat={s} close={() => setReplacing(false)} />}
      {asking && (
        <Dialog title={t("agency.seat.end.confirm", { name: pick(s.person.name, locale) })} alert onClose={() => setAsking(false)}>
          <p>{t("agency.seat.end.text")}</p>
          {end.error && <FaultNote fault={end.error} />}
          <div className="acts">
            <Button tone="danger" pending={end.isPending} onClick={() => end.mutate()}>{t("agency.seat.end")}</Button>
            <Button autoFocus onClick={() => setAsking(false)}>{t("action.back")}</Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}
