import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { api } from "../../api/client";
import type { AllowedStep, Edition } from "../../api/types";
import { translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Check, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { type BallotSubject, NewBallot } from "../ballot/NewBallot";

export const editionKey = (id: string) => ["edition", id] as const;

// What moves an edition forward is the primary act, in this order; the rest is in the menu.
const forward = ["submit", "approve", "publish", "send_to_ballot", "restore", "second_eye", "conclude", "receive"];
// A step that needs a field this form does not have is not offered as a button that would fail.
const fields = new Set(["reason", "change_note", "review_by", "publish_at"]);
// These have places of their own.
const elsewhere = new Set(["new_edition", "carried", "not_carried", "not_quorate", "cancelled", "text_changed", "import"]);

/** The next step of an edition as one button, the other legal steps behind it. */
export function EditionActions({ edition }: { edition: Edition }) {
  const t = useT();
  const [step, setStep] = useState<AllowedStep | null>(null);
  const steps = (edition.allowed ?? []).filter((s) => s.event === "send_to_ballot" || (!elsewhere.has(s.event) && (s.needs ?? []).every((n) => fields.has(n))));
  if (steps.length === 0) return null;
  const primary = forward.map((e) => steps.find((s) => s.event === e)).find(Boolean);
  const others = steps.filter((s) => s !== primary);
  return (
    <div className="row edition-acts">
      {primary && (
        <Button tone="primary" onClick={() => setStep(primary)}>
          {stepName(primary.event)}
        </Button>
      )}
      {others.length > 0 && (
        <MenuTrigger>
          <AriaButton className="btn" aria-label={t("edition.more")}>
            <Icon of={ChevronDown} small />
          </AriaButton>
          <Popover className="menu" placement="bottom end">
            <Menu onAction={(key) => setStep(others.find((s) => s.event === key) ?? null)}>
              {others.map((s) => (
                <MenuItem key={s.event} id={s.event} className="mi" textValue={stepName(s.event)}>
                  {stepName(s.event)}
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      )}
      {step?.event === "send_to_ballot" && <NewBallot subject={ballotSubject(edition)} close={() => setStep(null)} />}
      {step && step.event !== "send_to_ballot" && <StepDialog edition={edition} step={step} onClose={() => setStep(null)} />}
    </div>
  );
}

/** The ballot that adopts the edition, with the motion to begin from. Opening it moves the edition. */
function ballotSubject({ id, guideline: g, number }: Edition): BallotSubject {
  return {
    path: `/editions/${id}`,
    motion: {
      ar: g.title.ar ? `يُعتمد «${g.title.ar}»، الإصدار ${number}، دليلًا للشبكة.` : "",
      en: g.title.en ? `“${g.title.en}”, edition ${number}, is adopted as a network guideline.` : "",
    },
    stale: editionKey(id),
  };
}

/** A step's name; its code if the hub knows a step this page does not. */
export function stepName(event: string): string {
  return translateOr(`edition.step.${event}`, event);
}

function StepDialog({ edition, step, onClose }: { edition: Edition; step: AllowedStep; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const toast = useToast();
  const needs = new Set(step.needs ?? []);
  const [reason, setReason] = useState("");
  const [note, setNote] = useState(edition.change_note ?? "");
  const [minor, setMinor] = useState(false);
  const [reviewBy, setReviewBy] = useState("");
  const [publishAt, setPublishAt] = useState("");
  const asksNote = needs.has("change_note");
  const save = useMutation({
    mutationFn: () =>
      api.post<Edition>(`/editions/${edition.id}/events`, {
        event: step.event,
        ...(reason ? { reason } : {}),
        ...(asksNote && !minor ? { change_note: note } : {}),
        ...(asksNote && minor ? { minor } : {}),
        ...(reviewBy ? { review_by: new Date(`${reviewBy}T12:00:00`).toISOString() } : {}),
        ...(publishAt ? { publish_at: new Date(publishAt).toISOString() } : {}),
      }),
    onSuccess: async (next) => {
      if (next && typeof next === "object" && "state" in next) queries.setQueryData(editionKey(edition.id), next);
      toast(t("edition.step.done", { step: stepName(step.event) }));
      onClose();
      await Promise.all([queries.invalidateQueries({ queryKey: editionKey(edition.id) }), queries.invalidateQueries({ queryKey: ["guideline"] }), queries.invalidateQueries({ queryKey: ["guidelines"] })]);
    },
  });
  const missing = (needs.has("reason") && !reason.trim()) || (asksNote && !minor && !note.trim()) || (needs.has("review_by") && !reviewBy) || (needs.has("publish_at") && !publishAt);
  const optionalReason = !needs.has("reason") && ["request_amendments", "withdraw", "unpublish", "discard", "force_publish"].includes(step.event);
  return (
    <Dialog title={stepName(step.event)} onClose={onClose} alert={["publish", "force_publish", "discard", "unpublish"].includes(step.event)}>
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault();
          if (!missing) save.mutate();
        }}
      >
        {(needs.has("reason") || optionalReason) && (
          <Area label={t("form.reason")} hint={t("form.reason.hint")} value={reason} onChange={(e) => setReason(e.target.value)} error={fieldError(save.error, "reason")} />
        )}
        {asksNote && (
          <>
            <Area label={t("edition.change_note")} hint={t("edition.change_note.hint")} value={note} disabled={minor} onChange={(e) => setNote(e.target.value)} error={fieldError(save.error, "change_note")} />
            <Check label={t("edition.minor")} checked={minor} onChange={(e) => setMinor(e.target.checked)} />
          </>
        )}
        {needs.has("review_by") && (
          <Field label={t("edition.review_by")} hint={t("edition.review_by.hint")} type="date" dir="ltr" value={reviewBy} onChange={(e) => setReviewBy(e.target.value)} error={fieldError(save.error, "review_by")} />
        )}
        {needs.has("publish_at") && (
          <Field label={t("edition.publish_at")} type="datetime-local" dir="ltr" value={publishAt} onChange={(e) => setPublishAt(e.target.value)} error={fieldError(save.error, "publish_at")} />
        )}
        <FaultNote fault={save.error} />
        <div className="acts">
          <Button tone="primary" type="submit" pending={save.isPending} disabled={missing}>
            {stepName(step.event)}
          </Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
