import "./Practice.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Pencil, Printer, Vote } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiFault, seen } from "../../api/client";
import { useIsGuest, useIsMine } from "../../api/session";
import type { Practice } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Select } from "../../ui/Field";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Columns, Section, Single } from "../../ui/Layout";
import { Person, Seal, Text } from "../../ui/People";
import { ErrorState, FaultNote, fieldError, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useToast } from "../../ui/Toast";
import { useKept } from "../../ui/useKept";
import { useTitle } from "../../ui/useTitle";
import { ended, stateTone, stateWord } from "../ballot/words";
import { Discussions } from "../discussion/Discussion";
import { FlagButton } from "../moderation/FlagButton";
import { allPracticesQuery, amend, moveStage, type PracticeInput, practiceKey, practiceQuery, practicesKey } from "./api";
import { CardForm } from "./CardForm";
import { Shared } from "./Shared";
import { type BallotSubject, NewBallot } from "../ballot/NewBallot";
import { columns, exits, readyForBallot, stepMark, wayOf } from "./stages";

/** The ballot that rolls the practice out, with the motion to begin from. */
function ballotSubject(p: Practice): BallotSubject {
  const title = typeof p.title === "string" ? { ar: p.title, en: "" } : p.title;
  return {
    path: `/practices/${p.id}`,
    motion: { ar: title.ar ? `تُعمَّم ممارسة «${title.ar}» على الجهات الأعضاء.` : "", en: title.en ? `“${title.en}” is rolled out to the member agencies.` : "" },
    stale: practiceKey(p.id),
  };
}

/** The card of a practice, its way so far, and its ballots. */
export function PracticePage() {
  const { id } = useParams({ from: "/shell/practices/$id" });
  const practice = useQuery(practiceQuery(id));
  useTopic(`practice/${id}`, practiceKey(id));
  const locale = useLocale();
  const p = seen(practice);
  useTitle(p ? pick(p.title, locale) : undefined);
  if (practice.isPending) return <Single><Skeleton rows={6} /></Single>;
  if (!p) return <Single><ErrorState fault={practice.error} retry={() => practice.refetch()} /></Single>;
  return <Page practice={p} />;
}

function Page({ practice: p }: { practice: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const guest = useIsGuest();
  const client = useQueryClient();
  const toast = useToast();
  // The card the editor began from: a newer one is found out by the hub, not written over.
  const [base, setBase] = useState<string | null>(null);
  const editing = base !== null;
  // What was written stays on the device, by the card it began from: restored over a newer card it would undo another's work.
  const unsent = useKept<PracticeInput>(`card.${p.id}.${base ?? ""}`);
  const leave = () => {
    unsent.forget();
    setBase(null);
  };
  const save = useMutation({
    mutationFn: (card: Parameters<typeof amend>[1]) => amend(p.id, { ...card, base: base ?? "" }),
    onSuccess: (next) => {
      client.setQueryData(practiceKey(p.id), next);
      client.invalidateQueries({ queryKey: practicesKey });
      leave();
      toast(t("form.saved"));
    },
    onError: (f) => {
      if (f instanceof ApiFault && f.status === 409) void client.invalidateQueries({ queryKey: practiceKey(p.id) });
    },
  });
  const changed = save.error instanceof ApiFault && save.error.code === "practice.changed";
  const at = columns.findIndex((c) => c.stages.includes(p.stage));
  const title = typeof p.title === "string" ? { ar: p.title, en: "" } : p.title;
  const steps = wayOf(p.stage, (p.history ?? []).map((h) => h.to));
  const asked = p.history?.findLast((h) => h.to === "needs_more");
  return (
    <Columns
      label={t("practice.margin")}
      matn={
        <>
          <div className="crumb"><Link to="/practices">{t("nav.practices")}</Link></div>
          <div className="row wrap gap3 mt1">
            <h1 className="h-doc"><Text of={p.title} /></h1>
            <Tag tone={exits.includes(p.stage) ? "against" : p.stage === "in_ballot" ? "due" : at >= 4 ? "agree" : "neutral"}>{t(`practice.stage.${p.stage}`)}</Tag>
          </div>
          <div className="row wrap meta gap3 mt1 facts">
            <span className="row">{t("ballot.by")} <Seal agency={p.agency} mine={isMine(p.agency)} full /></span>
            {p.created_at && <span>{fmt.dates(p.created_at)}</span>}
            {p.abilities["practice.edit"] && !editing && <Button small tone="quiet" onClick={() => setBase(p.revision_hash ?? "")}><Icon of={Pencil} small />{t("action.edit")}</Button>}
            {!editing && <FlagButton object={p.id} />}
            {!editing && <Button small tone="quiet" onClick={() => window.print()}><Icon of={Printer} small />{t("action.print")}</Button>}
          </div>
          {p.hidden && <p className="note due mt3">{t("practice.hidden")}</p>}
          {p.stage === "needs_more" && asked?.reason && <p className="note due mt3"><b>{t("practice.asked")}</b> <span dir="auto">{asked.reason}</span></p>}
          {p.merged_into && <p className="note mt3">{t("practice.merged")} <GoLink href={`/practices/${p.merged_into}`}>{t("practice.merged.open")}</GoLink></p>}
          {/* Who does not read the record is told the stage alone, not a way there. */}
          {(p.history ?? []).length > 0 && (
            <ol className="steps" aria-label={t("practice.path")}>
              {columns.map((c, i) => {
                const is = steps[i];
                return (
                  <li key={c.key} className={is} aria-current={is === "now" ? "step" : undefined}>
                    <span aria-hidden="true">{stepMark[is]}</span>
                    <span>{t(`practice.column.${c.key}`)}{(is === "did" || is === "skipped") && <span className="vh"> {t(`practice.step.${is}`)}</span>}</span>
                  </li>
                );
              })}
            </ol>
          )}
          {editing ? (
            <div className="mt4">
              <CardForm unsent={unsent} start={{ title, problem: p.problem, context: p.context, evidence: p.evidence ?? [], cost: p.cost, contacts: p.contacts }} fault={save.error} pending={save.isPending} submit={(c) => save.mutate(c)} action={t("action.save")}>
                {changed && base !== p.revision_hash && <Button onClick={() => { setBase(p.revision_hash ?? ""); save.reset(); }}>{t("practice.changed.go_on")}</Button>}
                <Button tone="quiet" onClick={() => { leave(); save.reset(); }}>{t(changed ? "practice.changed.drop" : "action.cancel")}</Button>
              </CardForm>
            </div>
          ) : (
            <Card practice={p} />
          )}
        </>
      }
      hashiya={
        guest ? <p className="meta">{t("practice.shared.card")}</p> : (
          <>
            <Ballots practice={p} />
            {/* A step taken now would leave behind what is written and not yet saved. */}
            {!editing && <Stage practice={p} />}
            <Shared practice={p} />
            <Discussions subject={p.id} />
            <History practice={p} />
          </>
        )
      }
    />
  );
}

function Card({ practice: p }: { practice: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const facts = p.evidence ?? [];
  return (
    <div className="mt4">
      <Section title={t("practice.problem")}><p className="prose" dir="auto">{p.problem}</p></Section>
      {p.context && <Section title={t("practice.context")}><p className="prose" dir="auto">{p.context}</p></Section>}
      <Section title={t("practice.evidence")}>
        {facts.length === 0 ? <p className="meta">{t("practice.evidence.none")}</p> : (
          <ul className="evid">
            {facts.map((e) => (
              <li key={e.date + e.text}>
                <span className="meta">{fmt.day(e.date)}</span>
                <div><p className="text" style={{ fontSize: 17, lineHeight: 1.8 }} dir="auto">{e.text}</p>{e.source && <p className="meta"><bdi>{e.source}</bdi></p>}</div>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={t("practice.terms")}>
        <dl className="kv mt2">
          <dt>{t("practice.cost")}</dt><dd dir="auto">{p.cost || "—"}</dd>
          <dt>{t("practice.contacts")}</dt><dd dir="auto">{p.contacts || "—"}</dd>
        </dl>
      </Section>
    </div>
  );
}

function Ballots({ practice: p }: { practice: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const [opening, setOpening] = useState(false);
  const list = p.ballots ?? [];
  const may = (p.abilities["ballot.prepare"] || p.abilities["ballot.propose"]) && !list.some((b) => b.state === "open" || b.state === "draft" || b.state === "scheduled");
  return (
    <Section title={t("ballots.title")}>
      {list.length === 0 && <p className="meta mt1">{t("practice.ballots.none")}</p>}
      <ul className="reg bl mt1">
        {list.map((b) => {
          const look = stateTone(b);
          return (
            <li key={b.id}>
              <span className="row between wrap">
                <GoLink className="b" href={`/ballots/${b.id}`}>{t("ballot.round", { n: b.round })}</GoLink>
                <Tag tone={look.tone} icon={look.icon}>{translateOr(stateWord(b), b.state)}</Tag>
              </span>
              {b.closes_at && <span className="meta">{b.state === "open" ? fmt.closes(b.closes_at) : fmt.day(ended(b))}</span>}
            </li>
          );
        })}
      </ul>
      {may && <Button className="mt2" tone="primary" small onClick={() => setOpening(true)}><Icon of={Vote} small />{t("ballot.new")}</Button>}
      {opening && <NewBallot subject={ballotSubject(p)} close={() => setOpening(false)} />}
    </Section>
  );
}

/** The step to a stage, in the words of who takes it. */
const stepWord = (to: string) => translateOr(`practice.move.${to}`, translateOr(`practice.stage.${to}`, to));

function Stage({ practice: p }: { practice: Practice }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  // Kept whole, so that the form stays when the practice moves meanwhile.
  const [chosen, choose] = useState<{ to: string; reason: boolean; into: boolean } | null>(null);
  const [reason, setReason] = useState("");
  const [into, setInto] = useState("");
  const locale = useLocale();
  const others = useQuery({ ...allPracticesQuery, enabled: chosen?.to === "merged" }).data?.filter((x) => x.id !== p.id) ?? [];
  const steps = (p.allowed ?? []).map((a) => ({ to: a.to, reason: !!a.needs?.includes("reason"), into: !!a.needs?.includes("into") }));
  const move = useMutation({
    mutationFn: (target: string) => moveStage(p.id, target, reason.trim(), into),
    onSuccess: (next) => {
      client.setQueryData(practiceKey(p.id), next);
      client.invalidateQueries({ queryKey: practicesKey });
      toast(t("practice.moved"));
      choose(null);
      setReason("");
    },
    onError: (f) => {
      if (f instanceof ApiFault && f.status === 409) void client.invalidateQueries({ queryKey: practiceKey(p.id) });
    },
  });
  if (!chosen && steps.length === 0) return null;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (chosen && !move.isPending) move.mutate(chosen.to);
  };
  return (
    <Section className="noprint" title={t("practice.stage.title")}>
      <ul className="nexts">
        {steps.map((s, i) => (
          <li key={s.to}>
            <Button small wide data-stage={s.to} tone={exits.includes(s.to as never) || s.to === "needs_more" ? "quiet" : i === 0 ? "primary" : "plain"} onClick={() => choose(s)}>{stepWord(s.to)}</Button>
          </li>
        ))}
      </ul>
      {readyForBallot.includes(p.stage) && <p className="meta mt2">{t("practice.by_ballot")}</p>}
      {chosen && (
        <Dialog title={stepWord(chosen.to)} onClose={() => choose(null)}>
          <form className="form" onSubmit={submit}>
            <Area label={<>{t("form.reason")} {!chosen.reason && <span className="meta">{t("form.optional")}</span>}</>} hint={t("form.reason.hint")} required={chosen.reason} value={reason} error={fieldError(move.error, "reason")} onChange={(e) => setReason(e.target.value)} />
            {chosen.into && <Select label={t("practice.merge.into")} required value={into} error={fieldError(move.error, "into")} onChange={(e) => setInto(e.target.value)} options={[{ value: "", label: "—" }, ...others.map((x) => ({ value: x.id, label: pick(x.title, locale) }))]} />}
            {move.error && (
              <FaultNote fault={move.error}>
                {move.error instanceof ApiFault && Array.isArray(move.error.extra.allowed) && t("practice.moved.now", { stage: translateOr(`practice.stage.${String(move.error.extra.stage)}`, ""), steps: (move.error.extra.allowed as string[]).map((x) => translateOr(`practice.stage.${x}`, x)).join(t("list.comma")) })}
              </FaultNote>
            )}
            <div className="acts">
              <Button type="submit" tone="primary" pending={move.isPending}>{stepWord(chosen.to)}</Button>
              <Button onClick={() => choose(null)}>{t("action.cancel")}</Button>
            </div>
          </form>
        </Dialog>
      )}
    </Section>
  );
}

function History({ practice: p }: { practice: Practice }) {
  const t = useT();
  const fmt = useFormat();
  const rows = p.history ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t("practice.history")}>
      <ol className="tl mt2">
        {rows.map((h) => (
          <li key={h.at + h.to} className="did">
            <span>
              {translateOr(`practice.stage.${h.to}`, h.to ?? h.event ?? "")}
              {h.reason && <span className="meta" dir="auto" style={{ display: "block" }}>{h.reason}</span>}
              {h.person && <span className="meta" style={{ display: "block" }}><Person of={h.person} /></span>}
            </span>
            <span className="meta">{fmt.day(h.at)}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
