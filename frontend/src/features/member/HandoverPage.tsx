import "./Member.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Printer, UserRoundCheck } from "lucide-react";
import { useSession } from "../../api/session";
import type { DeskItem, Handover } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Columns, Section, Single } from "../../ui/Layout";
import { Person, Seal, Text } from "../../ui/People";
import { ErrorState, FaultNote, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { deskKey } from "../home/api";
import { handoverKey, handoverQuery, takeOver } from "./api";

/** What is open on a seat, for whoever takes it over; made to be printed. */
export function HandoverPage() {
  const { id } = useParams({ from: "/shell/seats/$id/handover" });
  const t = useT();
  const page = useQuery(handoverQuery(id));
  useTitle(t("handover.title"));
  if (page.isPending) return <Single><Skeleton /></Single>;
  if (!page.data) return <Single><ErrorState fault={page.error} retry={() => page.refetch()} /></Single>;
  return <Page h={page.data} />;
}

function Page({ h }: { h: Handover }) {
  const t = useT();
  const fmt = useFormat();
  const mine = useSession()?.agency?.id === h.agency.id;
  return (
    <Columns
      label={t("handover.holders")}
      matn={
        <>
          <div className="crumb"><Link to="/agencies/$id" params={{ id: h.agency.id }}><Text of={h.agency.name} /></Link></div>
          <div className="row between wrap">
            <div>
              <h1 className="h-page">{t("handover.title")}</h1>
              <div className="row wrap meta gap3">
                <Seal agency={h.agency} mine={mine} />
                <span>{t(`seat.${h.kind}`)}</span>
                <span>{t(h.can_vote ? "account.votes" : "account.votes.no")}</span>
                <span>{t("handover.at", { when: fmt.moment(h.at) })}</span>
              </div>
            </div>
            <Button onClick={() => window.print()}><Icon of={Printer} />{t("handover.print")}</Button>
          </div>
          <p className="dim mt2">{t("handover.intro")}</p>
          {h.ended && <p className="note due mt2">{t("handover.ended")} · {fmt.day(h.ended)}</p>}
          <TakeOver h={h} />
          {h.sections.map((s) => (
            <Section key={s.key} title={<>{t(`handover.${s.key}`)} {s.items.length > 0 && <span className="meta">{fmt.num(s.items.length)}</span>}</>} className="mt4">
              {s.items.length === 0 && <p className="meta mt1">{t(`handover.${s.key}.none`)}</p>}
              <ul className="reg handlist mt1">{s.items.map((i) => <Row key={i.id} item={i} />)}</ul>
            </Section>
          ))}
        </>
      }
      hashiya={
        <>
          <Section title={t("handover.holders")}>
            <ol className="tl mt2">
              {h.holders.map((p) => (
                <li key={p.since + p.person.id} className={p.until ? "did" : "on"}>
                  <span><Person of={p.person} /></span>
                  <span className="meta">{fmt.date(p.since)} – {p.until ? fmt.date(p.until) : t("handover.holder.now")}</span>
                </li>
              ))}
            </ol>
          </Section>
          <Section title={t("handover.seats")}>
            <ul className="reg mt1">
              {h.seats.map((s) => (
                <li key={s.id} className="handseat">
                  <b><Person of={s.person} /></b>
                  <span className="meta">{t(`seat.${s.kind}`)} · {t("agency.seat.since", { when: fmt.date(s.since) })}</span>
                </li>
              ))}
            </ul>
          </Section>
        </>
      }
    />
  );
}

function TakeOver({ h }: { h: Handover }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const client = useQueryClient();
  const toast = useToast();
  const take = useMutation({
    mutationFn: () => takeOver(h.seat),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: handoverKey(h.seat) });
      client.invalidateQueries({ queryKey: deskKey });
      toast(t("handover.taken"));
      document.getElementById("matn")?.focus(); // the button goes; the page keeps the focus
    },
  });
  const former = h.holders.find((p) => p.until);
  if (h.taken_at) return <p className="note agree mt2">{t("handover.taken.at", { when: fmt.day(h.taken_at) })}</p>;
  if (!h.mine || !h.waits || !former) return null;
  return (
    <div className="note due mt2">
      <span className="c-due"><Icon of={UserRoundCheck} /></span>
      <div>
        <p>{t("handover.take.text", { name: pick(former.person.name, locale) })}</p>
        {take.error && <FaultNote fault={take.error} />}
        <div className="acts"><Button tone="primary" pending={take.isPending} onClick={() => take.mutate()}>{t("handover.take")}</Button></div>
      </div>
    </div>
  );
}

function Row({ item: i }: { item: DeskItem }) {
  const fmt = useFormat();
  const locale = useLocale();
  return (
    <li>
      <div>
        <GoLink className="text b" href={i.url}><bdi>{pick(i.title, locale)}</bdi></GoLink>
        <div className="meta">{pick(i.act, locale)} · <Text of={i.meta} /></div>
      </div>
      <div className="meta">{i.due_at ? <b>{fmt.weekdayDay(i.due_at)}</b> : i.at && fmt.day(i.at)}</div>
    </li>
  );
}
