import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { ApiFault } from "../../api/client";
import { useHasRole } from "../../api/session";
import type { Ballot } from "../../api/types";
import { useFormat } from "../../locales/format";
import { type MessageId, translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { GoLink } from "../../ui/GoLink";
import { Section } from "../../ui/Layout";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { When } from "../../ui/When";
import { actOnBallot, type BallotAct, ballotKey } from "./api";
import { deadline } from "./words";
import { fromLocalInput, toLocalInput } from "../../locales/zone";

const acts: { act: BallotAct; ability: string; when: Ballot["state"][] }[] = [
  { act: "open", ability: "ballot.open", when: ["draft", "scheduled"] },
  { act: "extend", ability: "ballot.extend", when: ["open"] },
  { act: "close", ability: "ballot.close", when: ["open"] },
  { act: "certify", ability: "ballot.certify", when: ["closed"] },
  { act: "rounds", ability: "ballot.next_round", when: ["certified", "cancelled"] },
  { act: "cancel", ability: "ballot.cancel", when: ["draft", "scheduled", "open"] },
];

/** Why an act that the state knows is not open now; null where it is, or where the hub alone knows. */
function why(b: Ballot, act: BallotAct): MessageId | null {
  if (act === "extend") return b.extended_from ? "ballot.why.extended" : b.quorum_line.met ? "ballot.why.quorate" : null;
  if (act === "certify") return "ballot.certify.other";
  if (act === "rounds") return b.next_round ? "ballot.why.round_exists" : b.result === "tie" && b.round > 1 ? "ballot.why.tied_twice" : null;
  return null;
}

/** What the secretariat may do with the ballot now, each with its dialog; what is shut says why. */
export function BallotActions({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const id = useId();
  const secretariat = useHasRole()("SA");
  const [act, setAct] = useState<BallotAct | null>(null);
  const here = acts.filter((a) => a.when.includes(b.state) && (b.abilities[a.ability] || (secretariat && why(b, a.act))));
  if (!act && (here.length === 0 || !secretariat)) return null;
  return (
    <Section className="noprint" title={t("ballot.actions")}>
      <ul className="nexts">
        {here.map(({ act: a, ability }) => {
          const may = b.abilities[ability] === true;
          const reason = may ? null : why(b, a);
          return (
            <li key={a}>
              {may ? (
                <Button small wide data-act={a} tone={a === "open" || a === "certify" ? "primary" : a === "cancel" ? "danger" : "plain"} onClick={() => setAct(a)}>
                  {t(`ballot.act.${a}`)}
                </Button>
              ) : (
                <button type="button" className="btn sm wide" data-act={a} aria-disabled="true" aria-describedby={`${id}-${a}`}>
                  {t(`ballot.act.${a}`)}
                </button>
              )}
              {reason && <p className="meta" id={`${id}-${a}`}>{t(reason)} {reason === "ballot.why.round_exists" && b.next_round && <GoLink href={`/ballots/${b.next_round}`}>{t("ballot.next")}</GoLink>}</p>}
            </li>
          );
        })}
      </ul>
      {act && <ActDialog ballot={b} act={act} close={() => setAct(null)} />}
    </Section>
  );
}

const hour = 3_600_000;

function ActDialog({ ballot: b, act, close }: { ballot: Ballot; act: BallotAct; close: () => void }) {
  const t = useT();
  const fmt = useFormat();
  const client = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const [reason, setReason] = useState("");
  // At most half the original length more (rules D1.14).
  const latest = new Date(b.closes_at).getTime() + (new Date(b.closes_at).getTime() - new Date(b.opens_at ?? b.closes_at).getTime()) / 2;
  const [closes, setCloses] = useState(() => toLocalInput(act === "extend" ? latest : act === "rounds" ? Date.now() + 7 * 24 * hour : b.closes_at));
  const [later, setLater] = useState(false);
  const [opens, setOpens] = useState(() => toLocalInput(Date.now() + 24 * hour));
  const [question, setQuestion] = useState(b.question);
  const run = useMutation({
    mutationFn: () => {
      if (act === "open") return actOnBallot(b.id, act, { closes_at: fromLocalInput(closes), ...(later ? { opens_at: fromLocalInput(opens) } : {}) });
      if (act === "extend") return actOnBallot(b.id, act, { closes_at: fromLocalInput(closes) });
      if (act === "rounds") return actOnBallot(b.id, act, { question, closes_at: fromLocalInput(closes) });
      if (act === "cancel") return actOnBallot(b.id, act, { reason: reason.trim() });
      if (act === "close") return actOnBallot(b.id, act, reason.trim() ? { reason: reason.trim() } : {});
      return actOnBallot(b.id, act);
    },
    onSuccess: (next) => {
      client.setQueryData(ballotKey(next.id), next);
      for (const key of ["ballots", "practice", "practices", "edition", "desk"]) void client.invalidateQueries({ queryKey: [key] });
      if (next.id !== b.id) void client.invalidateQueries({ queryKey: ballotKey(b.id) });
      toast(t(act === "open" && next.state === "scheduled" ? "ballot.act.schedule.done" : act === "close" && next.state === "open" ? "ballot.act.announce.done" : `ballot.act.${act}.done`));
      close();
      if (next.id !== b.id) router.history.push(`/ballots/${next.id}`);
    },
    onError: (f) => {
      // Somebody was faster, or the time passed: the page shows the ballot as it stands now.
      if (f instanceof ApiFault && f.status === 409) void client.invalidateQueries({ queryKey: ballotKey(b.id) });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!run.isPending) run.mutate();
  };
  const needReason = act === "cancel";
  const code = run.error instanceof ApiFault ? run.error.code : "";
  return (
    <Dialog title={t(`ballot.act.${act}.title`)} onClose={close} alert={act === "cancel" || act === "certify" || act === "close"}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t(`ballot.act.${act}.text`, { when: fmt.moment(deadline(b)) })}</p>
        {act === "open" && (
          <fieldset className="plain">
            <legend className="lab">{t("ballot.opens")}</legend>
            <label className="opt"><input type="radio" name="when" checked={!later} onChange={() => setLater(false)} /><span>{t("ballot.opens.now")}</span></label>
            <label className="opt"><input type="radio" name="when" checked={later} onChange={() => setLater(true)} /><span>{t("ballot.opens.later")}</span></label>
            {later && <When label={t("ballot.opens_at")} time required value={opens} error={fieldError(run.error, "opens_at")} onChange={setOpens} />}
          </fieldset>
        )}
        {act === "rounds" && (
          <>
            <Area label={t("form.ar", { label: t("ballot.motion") })} dir="rtl" lang="ar" required={!question.en} value={question.ar} error={fieldError(run.error, "question")} onChange={(e) => setQuestion({ ...question, ar: e.target.value })} />
            <Area label={t("form.en", { label: t("ballot.motion") })} dir="ltr" lang="en" rows={2} value={question.en} onChange={(e) => setQuestion({ ...question, en: e.target.value })} />
          </>
        )}
        {(act === "extend" || act === "open" || act === "rounds") && (
          <When label={t("ballot.closes_at")} hint={act === "extend" ? t("ballot.extend.latest", { when: fmt.moment(latest) }) : undefined} time required value={closes} min={act === "extend" ? toLocalInput(b.closes_at) : undefined} max={act === "extend" ? toLocalInput(latest) : undefined} error={fieldError(run.error, "closes_at")} onChange={setCloses} />
        )}
        {(act === "cancel" || act === "close") && (
          <Area label={<>{t("form.reason")} {!needReason && <span className="meta">{t("form.optional")}</span>}</>} hint={t("form.reason.hint")} required={needReason} value={reason} error={fieldError(run.error, "reason")} onChange={(e) => setReason(e.target.value)} />
        )}
        {run.error && (
          <FaultNote fault={run.error}>
            {code === "ballot.illegal_step" || code === "ballot.not_open" || code === "ballot.closed" ? t("ballot.moved", { state: translateOr(`ballot.state.${b.state}`, b.state) }) : code === "ballot.early_close_not_allowed" ? t("ballot.close.give_reason") : null}
          </FaultNote>
        )}
        <div className="acts">
          <Button type="submit" tone={act === "cancel" ? "danger" : "primary"} pending={run.isPending}>{t(act === "open" && later ? "ballot.act.schedule" : `ballot.act.${act}`)}</Button>
          <Button onClick={close}>{t("action.back")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
