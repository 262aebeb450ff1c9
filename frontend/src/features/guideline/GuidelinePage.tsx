import "./Guideline.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { BookOpen, Eye, FilePlus2, PenLine } from "lucide-react";
import { useState } from "react";
import { seen } from "../../api/client";
import { useIsMine } from "../../api/session";
import type { Guideline } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button, ButtonAnchor, buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Columns, Section, Single } from "../../ui/Layout";
import { FlagButton } from "../moderation/FlagButton";
import { Person, Said, Seal, Text } from "../../ui/People";
import { Empty, ErrorState, FaultNote, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useTitle } from "../../ui/useTitle";
import { threadsTopic } from "../draft/threads";
import { editionKey, editionQuery, guidelineKey, guidelineQuery, guidelinesKey, newEdition } from "./api";
import { EditionSteps } from "./EditionSteps";
import { Languages } from "./Languages";
import { editionLook } from "./states";
import { VisibilityDialog } from "./VisibilityDialog";

/** A guideline: its editions, what the one in work needs next, and who may see it. */
export function GuidelinePage() {
  const { gid } = useParams({ from: "/shell/guidelines/$gid" });
  const guideline = useQuery(guidelineQuery(gid));
  const locale = useLocale();
  const g = seen(guideline);
  useTopic(`guideline/${gid}`, guidelineKey(gid));
  useTitle(g ? pick(g.title, locale) : undefined);
  if (guideline.isPending) return <Single><Skeleton rows={6} /></Single>;
  if (!g) return <Single><ErrorState fault={guideline.error} retry={() => guideline.refetch()} /></Single>;
  return <Page guideline={g} />;
}

function Page({ guideline: g }: { guideline: Guideline }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sight, setSight] = useState(false);
  const work = g.in_work;
  // Every other state of an edition leaves steps too (withdraw, restore): offered for the newest when nothing is in work.
  const newest = work?.id ?? g.current?.id ?? g.editions[0]?.id;
  const more = useMutation({
    mutationFn: () => newEdition(g.id),
    onSuccess: (e) => {
      client.invalidateQueries({ queryKey: guidelineKey(g.id) });
      client.invalidateQueries({ queryKey: guidelinesKey });
      navigate({ to: "/guidelines/$gid/editions/$eid", params: { gid: g.id, eid: e.id } });
    },
  });
  return (
    <Columns
      label={t("guideline.margin")}
      matn={
        <>
          <div className="crumb"><Link to="/guidelines">{t("nav.guidelines")}</Link></div>
          <h1 className="h-doc mt1"><Text of={g.title} /></h1>
          <div className="row wrap meta gap3">
            <Seal agency={g.agency} mine={isMine(g.agency)} full />
            <span>{t(`guideline.kind.${g.kind}`)}</span>
            <span>{t(`lang.${g.language}`)}</span>
            {!!g.writers?.length && <span className="row wrap">{t("guideline.writers")} {g.writers.map((a) => <Seal key={a.id} agency={a} mine={isMine(a)} />)}</span>}
            {g.threads_open > 0 && <span>{t("guideline.threads", { n: g.threads_open })}</span>}
          </div>
          {g.summary && <p className="prose mt3"><Text of={g.summary} /></p>}
          <div className="row wrap mt4">
            {work && <Link className={buttonClass({ tone: "primary" })} to="/guidelines/$gid/editions/$eid" params={{ gid: g.id, eid: work.id }}><Icon of={PenLine} />{t("guideline.open_work")}</Link>}
            {g.current && <ButtonAnchor href={`/guides/${g.id}`}><Icon of={BookOpen} />{t(g.editions.some((e) => e.id === g.current?.id && e.state === "withdrawn") ? "guideline.read.withdrawn" : "guideline.read", { number: fmt.code(g.current.number) })}</ButtonAnchor>}
            {!work && g.abilities["edition.create"] && <Button tone={g.current ? "plain" : "primary"} pending={more.isPending} onClick={() => more.mutate()}><Icon of={FilePlus2} />{t("guideline.new_edition")}</Button>}
            <FlagButton object={g.id} />
          </div>
          {more.error && <div className="mt3"><FaultNote fault={more.error} /></div>}
          <Section title={t("guideline.editions")} className="mt5">
            {g.editions.length === 0 && <Empty title={t("guideline.editions.none")} />}
            <ol className="reg eds mt2">
              {g.editions.map((e) => {
                const look = editionLook[e.state] ?? editionLook.draft;
                return (
                  <li key={e.id}>
                    <span className="no n">{fmt.code(e.number)}</span>
                    <span>
                      <Tag tone={look.tone} icon={look.icon}>{translateOr(`edition.state.${e.state}`, e.state)}</Tag>
                      {g.current?.id === e.id && e.state === "published" && <span className="meta"> {t("guideline.in_force", { when: fmt.dates(g.current.published_at) })}</span>}
                      {e.useful && <span className="meta" data-useful> {t("guideline.useful", { yes: e.useful.yes, all: e.useful.yes + e.useful.no })}</span>}
                    </span>
                    <Link className={buttonClass({ small: true })} to="/guidelines/$gid/editions/$eid" params={{ gid: g.id, eid: e.id }}>{t(e.id === work?.id ? "guideline.work" : "guideline.look")}</Link>
                  </li>
                );
              })}
            </ol>
          </Section>
          {newest && <EditionHistory id={newest} />}
        </>
      }
      hashiya={
        <>
          {newest && <EditionPanel id={newest} />}
          <Section title={t("guideline.sight")} aside={g.abilities["guideline.set_visibility"] && <Button small tone="quiet" onClick={() => setSight(true)}>{t("guideline.sight.change")}</Button>}>
            <p className="mt1"><Icon of={Eye} small /> {t(`visibility.${g.visibility}`)}</p>
            {g.visibility === "agencies" && !!g.agencies?.length && <p className="seals mt1">{g.agencies.map((a) => <Seal key={a.id} agency={a} mine={isMine(a)} />)}</p>}
          </Section>
          <Languages guideline={g} />
          {sight && <VisibilityDialog guideline={g} close={() => setSight(false)} />}
        </>
      }
    />
  );
}

function EditionPanel({ id }: { id: string }) {
  const edition = useQuery(editionQuery(id));
  useTopic(`edition/${id}`, editionKey(id));
  // What it needs next may be that comments are settled; their draft tells of that.
  const waits = edition.data?.gates?.some((g) => g.code === "answers_handled" || g.code === "blocking_threads");
  useTopic(waits && edition.data?.draft_id ? threadsTopic(edition.data.draft_id) : null, editionKey(id));
  if (edition.isPending) return <Skeleton rows={2} />;
  if (!edition.data) return null;
  return <EditionSteps edition={edition.data} />;
}

function EditionHistory({ id }: { id: string }) {
  const t = useT();
  const fmt = useFormat();
  const rows = useQuery(editionQuery(id)).data?.history ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t("guideline.history")}>
      <ol className="tl mt2">
        {rows.map((h) => (
          <li key={h.at + (h.event ?? "")} data-event={h.event} className="did">
            <span>
              <b>{translateOr(`edition.event.${h.event}`, h.event ?? "")}</b>{" "}
              <span className="meta"><Person of={h.person} />{h.agency && typeof h.agency !== "string" && <> · <Text of={h.agency.short} /></>}</span>
              {h.reason && <span className="text" dir="auto" style={{ display: "block" }}>{h.reason}</span>}
              {h.cause && <span className="meta" style={{ display: "block" }}><Said of={h.cause} /></span>}
            </span>
            <span className="meta">{fmt.moment(h.at)}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
