import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiFault } from "../../api/client";
import type { Bi } from "../../api/types";
import { foldDigits, useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Check, Field, Select } from "../../ui/Field";
import { GoLink } from "../../ui/GoLink";
import { FaultNote, fieldError } from "../../ui/States";
import { When } from "../../ui/When";
import { fromLocalInput, toLocalInput } from "../../locales/zone";
import { ballotKey, proposeBallot } from "./api";

const week = 7 * 86_400_000;

/** What a ballot is about: where it is proposed, and the motion to begin with. */
export interface BallotSubject {
  /** "/practices/…" or "/editions/…" */
  path: string;
  motion: Bi;
  /** The query of the subject's own page, read anew. */
  stale: readonly unknown[];
}

/** Prepares a ballot; opening it is a step of its own on the ballot's page. */
export function NewBallot({ subject, close }: { subject: BallotSubject; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [question, setQuestion] = useState(subject.motion);
  const [threshold, setThreshold] = useState("two_thirds");
  const fmt = useFormat();
  const [quorum, setQuorum] = useState(() => fmt.code("50"));
  const [reason, setReason] = useState("against");
  const [closes, setCloses] = useState(toLocalInput(Date.now() + week));
  const [urgent, setUrgent] = useState(false);
  const [early, setEarly] = useState(true);
  const send = useMutation({
    mutationFn: () =>
      proposeBallot(subject.path, {
        question,
        threshold,
        quorum: Number.parseInt(foldDigits(quorum), 10) || 0,
        reason_required: reason,
        early_close: early,
        closes_at: fromLocalInput(closes),
        ...(urgent ? { min_open_hours: 24 } : {}),
      }),
    onSuccess: (b) => {
      client.setQueryData(ballotKey(b.id), b);
      client.invalidateQueries({ queryKey: subject.stale });
      client.invalidateQueries({ queryKey: ["ballots"] });
      navigate({ to: "/ballots/$id", params: { id: b.id } });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  return (
    <Dialog title={t("ballot.new")} wide onClose={close}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t("ballot.new.text")}</p>
        {send.error && (
          <FaultNote fault={send.error}>
            {send.error instanceof ApiFault && typeof send.error.extra.ballot === "string" && <GoLink href={`/ballots/${send.error.extra.ballot}`}>{t("ballot.open_existing")}</GoLink>}
          </FaultNote>
        )}
        <Area label={t("form.ar", { label: t("ballot.motion") })} dir="rtl" lang="ar" required value={question.ar} error={fieldError(send.error, "question", "question.ar", "question_ar")} onChange={(e) => setQuestion({ ...question, ar: e.target.value })} />
        <Area label={t("form.en", { label: t("ballot.motion") })} dir="ltr" lang="en" rows={2} value={question.en} error={fieldError(send.error, "question.en", "question_en")} onChange={(e) => setQuestion({ ...question, en: e.target.value })} />
        <div className="pair">
          <Select label={t("ballot.new.threshold")} value={threshold} onChange={(e) => setThreshold(e.target.value)} error={fieldError(send.error, "threshold")} options={(["simple", "absolute", "two_thirds", "double", "consent"] as const).map((v) => ({ value: v, label: t(`ballot.threshold.${v}`) }))} />
          <Field label={t("ballot.new.quorum")} inputMode="numeric" dir="ltr" required value={quorum} error={fieldError(send.error, "quorum")} onChange={(e) => setQuorum(e.target.value)} />
        </div>
        <div className="pair">
          <Select label={t("ballot.new.reason")} value={reason} onChange={(e) => setReason(e.target.value)} error={fieldError(send.error, "reason_required")} options={(["none", "against", "all"] as const).map((v) => ({ value: v, label: t(`ballot.new.reason.${v}`) }))} />
          <When label={t("ballot.closes_at")} time required value={closes} error={fieldError(send.error, "closes_at")} onChange={setCloses} />
        </div>
        <Check label={t("ballot.new.urgent")} hint={t("ballot.new.urgent.hint")} checked={urgent} onChange={(e) => setUrgent(e.target.checked)} />
        <Check label={t("ballot.new.early")} hint={t("ballot.new.early.hint")} checked={early} onChange={(e) => setEarly(e.target.checked)} />
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending}>{t("ballot.new.action")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
