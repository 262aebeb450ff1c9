import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Ballot } from "../../api/types";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Field } from "../../ui/Field";
import { Section } from "../../ui/Layout";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { actOnBallot, type BallotAct, ballotKey } from "./api";
import { fromLocalInput, toLocalInput } from "../../locales/zone";

const acts: { act: BallotAct; ability: string; when: Ballot["state"][] }[] = [
  { act: "open", ability: "ballot.open", when: ["draft", "scheduled"] },
  { act: "extend", ability: "ballot.extend", when: ["open"] },
  { act: "close", ability: "ballot.close", when: ["open"] },
  { act: "certify", ability: "ballot.certify", when: ["closed"] },
  { act: "rounds", ability: "ballot.next_round", when: ["closed", "certified", "cancelled"] },
  { act: "cancel", ability: "ballot.cancel", when: ["draft", "scheduled", "open"] },
];

/** What the secretariat may do with the ballot now, each with its dialog. */
export function BallotActions({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const [act, setAct] = useState<BallotAct | null>(null);
  const open = acts.filter((a) => a.when.includes(b.state) && b.abilities[a.ability]);
  if (open.length === 0) return null;
  return (
    <Section title={t("ballot.actions")}>
      <div className="row wrap mt2">
        {open.map(({ act: a }, i) => (
          <Button key={a} small tone={i === 0 && (a === "open" || a === "certify") ? "primary" : a === "cancel" ? "danger" : "plain"} onClick={() => setAct(a)}>
            {t(`ballot.act.${a}`)}
          </Button>
        ))}
      </div>
      {b.state === "closed" && !b.abilities["ballot.certify"] && <p className="meta mt2">{t("ballot.certify.other")}</p>}
      {act && <ActDialog ballot={b} act={act} close={() => setAct(null)} />}
    </Section>
  );
}

function ActDialog({ ballot: b, act, close }: { ballot: Ballot; act: BallotAct; close: () => void }) {
  const t = useT();
  const fmt = useFormat();
  const client = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [closes, setCloses] = useState(toLocalInput(b.closes_at));
  const run = useMutation({
    mutationFn: () => {
      if (act === "extend") return actOnBallot(b.id, act, { closes_at: fromLocalInput(closes) });
      if (act === "cancel") return actOnBallot(b.id, act, { reason: reason.trim() });
      if (act === "close") return actOnBallot(b.id, act, reason.trim() ? { reason: reason.trim() } : {});
      return actOnBallot(b.id, act);
    },
    onSuccess: (next) => {
      client.setQueryData(ballotKey(next.id), next);
      client.invalidateQueries({ queryKey: ["ballots"] });
      client.invalidateQueries({ queryKey: ["practice"] });
      client.invalidateQueries({ queryKey: ["desk"] });
      toast(t(`ballot.act.${act}.done`));
      close();
      if (next.id !== b.id) router.history.push(`/ballots/${next.id}`);
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!run.isPending) run.mutate();
  };
  const needReason = act === "cancel";
  return (
    <Dialog title={t(`ballot.act.${act}.title`)} onClose={close} alert={act === "cancel" || act === "certify" || act === "close"}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t(`ballot.act.${act}.text`, { when: fmt.moment(b.closes_at) })}</p>
        {act === "extend" && (
          <Field label={t("ballot.closes_at")} type="datetime-local" dir="ltr" required value={closes} min={toLocalInput(b.closes_at)} error={fieldError(run.error, "closes_at")} onChange={(e) => setCloses(e.target.value)} />
        )}
        {(act === "cancel" || act === "close") && (
          <Area label={<>{t("form.reason")} {!needReason && <span className="meta">{t("form.optional")}</span>}</>} hint={t("form.reason.hint")} required={needReason} value={reason} error={fieldError(run.error, "reason")} onChange={(e) => setReason(e.target.value)} />
        )}
        {run.error && <FaultNote fault={run.error} />}
        <div className="acts">
          <Button type="submit" tone={act === "cancel" ? "danger" : "primary"} pending={run.isPending}>{t(`ballot.act.${act}`)}</Button>
          <Button onClick={close}>{t("action.back")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
