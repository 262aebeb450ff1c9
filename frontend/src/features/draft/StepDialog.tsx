import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useContext, useState } from "react";
import { ApiFault, api } from "../../api/client";
import type { AllowedStep, Edition, LibraryItem, Page, PersonRow } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { fromLocalInput, toLocalInput } from "../../locales/zone";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Check, Select } from "../../ui/Field";
import { Text } from "../../ui/People";
import { FaultNote, fieldError, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { When } from "../../ui/When";
import { editionKey } from "../guideline/api";
import { useAgencies } from "../member/useAgencies";
import { suggestionsQuery } from "./suggest";
import { arrived, Written } from "./written";

/** A step's name; its code if the hub knows a step this page does not. */
export function stepName(event: string): string {
  return translateOr(`edition.step.${event}`, event);
}

/** What may not be taken back is asked in an alert. */
const final = ["publish", "force_publish", "discard", "unpublish", "restore"];
const day = 86_400_000;

/** One step of an edition's life with the fields it needs. It stays open, with what was written, when somebody else moved the edition meanwhile. */
export function StepDialog({ edition, step, onClose }: { edition: Edition; step: AllowedStep; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const fmt = useFormat();
  const written = useContext(Written);
  const needs = new Set(step.needs ?? []);
  const [reason, setReason] = useState("");
  const [note, setNote] = useState(edition.change_note ?? "");
  const [minor, setMinor] = useState(false);
  const [reviewBy, setReviewBy] = useState(() => toLocalInput(Date.now() + 365 * day).slice(0, 10));
  const [publishAt, setPublishAt] = useState(() => toLocalInput(Date.now() + day));
  const [experts, setExperts] = useState<string[]>([]);
  const [opensAt, setOpensAt] = useState(() => toLocalInput(Date.now()));
  const [closesAt, setClosesAt] = useState(() => toLocalInput(Date.now() + 14 * day));
  const [outcome, setOutcome] = useState("");
  const [kind, setKind] = useState("error");
  const [redirect, setRedirect] = useState("");
  const asksNote = needs.has("change_note");
  // Of a translation: the edition of the original that it was made from, by default the one in force.
  const madeOf = ["schedule", "publish", "force_publish"].includes(step.event) ? edition.original : undefined;
  const [madeFrom, setMadeFrom] = useState(edition.made_from?.id ?? "");
  const takesBack = step.event === "unpublish";
  const save = useMutation({
    mutationFn: async () => {
      // The text stands still after most steps: what its writer sees is what goes on.
      if (step.event !== "discard") await arrived(written);
      return api.post<Edition>(`/editions/${edition.id}/events`, {
        event: step.event,
        ...(needs.has("reason") ? { reason } : {}),
        ...(asksNote ? (minor ? { minor } : { change_note: note }) : {}),
        ...(needs.has("review_by") ? { review_by: fromLocalInput(`${reviewBy}T12:00`) } : {}),
        ...(needs.has("publish_at") ? { publish_at: fromLocalInput(publishAt) } : {}),
        ...(experts.length > 0 ? { experts } : {}),
        ...(needs.has("dates") ? { opens_at: fromLocalInput(opensAt), closes_at: fromLocalInput(closesAt) } : {}),
        ...(needs.has("outcome") ? { outcome } : {}),
        ...(madeFrom ? { made_from: madeFrom } : {}),
        ...(takesBack ? { class: kind, ...(redirect ? { redirect } : {}) } : {}),
      });
    },
    onSuccess: async (next) => {
      queries.setQueryData(editionKey(next.id), next);
      toast(t("edition.step.done", { step: stepName(step.event) }));
      onClose();
      if (next.id !== edition.id) void navigate({ to: "/guidelines/$gid/editions/$eid", params: { gid: next.guideline.id, eid: next.id } });
      await Promise.all([["edition", edition.id], ["guideline"], ["guidelines"], ["desk"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    onError: (f) => {
      // Somebody was faster: the page shows where the edition stands now.
      if (f instanceof ApiFault && f.status === 409) void queries.invalidateQueries({ queryKey: editionKey(edition.id) });
    },
  });
  const missing =
    (needs.has("reason") && !reason.trim()) || (asksNote && !minor && !note.trim()) || (needs.has("review_by") && !reviewBy) || (needs.has("publish_at") && !publishAt) ||
    (needs.has("experts") && experts.length === 0) || (needs.has("dates") && (!opensAt || !closesAt)) || (needs.has("outcome") && !outcome) || (takesBack && kind === "consolidated" && !redirect);
  const gone = !(edition.allowed ?? []).some((s) => s.event === step.event);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!missing && !gone && !save.isPending) save.mutate();
  };
  return (
    <Dialog title={stepName(step.event)} onClose={onClose} alert={final.includes(step.event)} wide={needs.has("experts") || step.event === "open_consultation"}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{translateOr(`edition.step.${step.event}.text`, "")}</p>
        {needs.has("outcome") && (
          <fieldset className="plain">
            <legend className="lab">{t("edition.outcome")}</legend>
            {(["ready", "amends_needed"] as const).map((v) => (
              <label className="opt" key={v}>
                <input type="radio" name="outcome" value={v} checked={outcome === v} onChange={() => setOutcome(v)} />
                <span>{t(`edition.outcome.${v}`)}</span>
              </label>
            ))}
            <Undecided draft={edition.draft_id} />
            {fieldError(save.error, "outcome") && <p className="errmsg" role="alert">{fieldError(save.error, "outcome")}</p>}
          </fieldset>
        )}
        {(needs.has("experts") || step.event === "open_consultation") && <Experts invited={step.event === "open_consultation"} chosen={experts} choose={setExperts} error={fieldError(save.error, "experts")} />}
        {needs.has("dates") && (
          <div className="pair">
            <When label={t("edition.opens_at")} time required value={opensAt} onChange={setOpensAt} error={fieldError(save.error, "opens_at")} />
            <When label={t("edition.closes_at")} time required min={opensAt} value={closesAt} onChange={setClosesAt} error={fieldError(save.error, "closes_at")} />
          </div>
        )}
        {takesBack && (
          <fieldset className="plain">
            <legend className="lab">{t("edition.class")}</legend>
            {(["error", "consolidated"] as const).map((v) => (
              <label className="opt" key={v}>
                <input type="radio" name="class" value={v} checked={kind === v} onChange={() => setKind(v)} />
                <span>{t(`edition.class.${v}`)}</span>
              </label>
            ))}
            <Redirect except={edition.guideline.id} value={redirect} change={setRedirect} required={kind === "consolidated"} error={fieldError(save.error, "redirect")} />
          </fieldset>
        )}
        {needs.has("reason") && (
          <Area label={t("form.reason")} hint={t(step.event === "withdraw" || takesBack ? "edition.notice.hint" : "form.reason.hint")} required value={reason} onChange={(e) => setReason(e.target.value)} error={fieldError(save.error, "reason")} />
        )}
        {asksNote && (
          <>
            <Area label={t("edition.change_note")} hint={t("edition.change_note.hint")} required={!minor} value={note} disabled={minor} onChange={(e) => setNote(e.target.value)} error={fieldError(save.error, "change_note")} />
            <Check label={t("edition.minor")} checked={minor} onChange={(e) => setMinor(e.target.checked)} />
          </>
        )}
        {needs.has("publish_at") && (
          <When label={t("edition.publish_at")} hint={t("edition.publish_at.hint")} time required value={publishAt} onChange={setPublishAt} error={fieldError(save.error, "publish_at")} />
        )}
        {needs.has("review_by") && (
          <When label={t("edition.review_by")} hint={t("edition.review_by.hint")} required value={reviewBy} onChange={setReviewBy} error={fieldError(save.error, "review_by")} />
        )}
        {madeOf && !!madeOf.editions?.length && (
          <Select
            label={t("edition.made_from")}
            hint={t("edition.made_from.hint")}
            value={madeFrom || (madeOf.current?.id ?? "")}
            error={fieldError(save.error, "made_from")}
            onChange={(e) => setMadeFrom(e.target.value)}
            options={madeOf.editions.map((e) => ({ value: e.id, label: `${t("guideline.edition", { number: fmt.code(e.number) })} · ${translateOr(`edition.state.${e.state}`, e.state)}` }))}
          />
        )}
        {madeOf && !madeOf.editions?.length && <p className="note">{t("edition.made_from.none")}</p>}
        <Refused fault={save.error} edition={edition} gone={gone} />
        <div className="acts">
          <Button tone={step.event === "discard" || step.event === "unpublish" ? "danger" : "primary"} type="submit" pending={save.isPending} disabled={missing || gone}>
            {stepName(step.event)}
          </Button>
          <Button onClick={onClose}>{t("action.back")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Why a step was not taken. Where the edition has moved on, where it stands and which steps it has now. */
function Refused({ fault, edition, gone }: { fault: unknown; edition: Edition; gone: boolean }) {
  const t = useT();
  const moved = gone || (fault instanceof ApiFault && fault.code === "guideline.illegal_step");
  if (!moved) return fault ? <FaultNote fault={fault} /> : null;
  const said = fault instanceof ApiFault && Array.isArray(fault.extra.allowed) ? (fault.extra.allowed as string[]) : [];
  const now = gone ? (edition.allowed ?? []).map((s) => s.event) : said;
  const waits = (edition.waiting ?? []).flatMap((w) => w.unmet ?? []);
  return (
    <div className="note against" role="alert">
      <div>
        <b>{t("edition.moved", { state: translateOr(`edition.state.${edition.state}`, edition.state) })}</b>
        <div>{now.length > 0 ? t("edition.moved.steps", { steps: now.map(stepName).join(t("list.comma")) }) : t("edition.moved.none")}</div>
        {!gone && waits.map((u) => <div key={u.code}><Text of={u.text} /></div>)}
      </div>
    </div>
  );
}

/** Suggestions that nobody has decided: nobody can while the text stands still, and who concludes should know of them. */
function Undecided({ draft }: { draft: string }) {
  const t = useT();
  const n = useQuery({ ...suggestionsQuery(draft), enabled: draft !== "" }).data?.items.filter((s) => s.state === "open").length ?? 0;
  return n > 0 ? <p className="note due mt2">{t("edition.outcome.undecided", { n })}</p> : null;
}

/** Agencies, and the experts and partners of the register, of whom some are asked. */
function Experts({ chosen, choose, invited, error }: { chosen: string[]; choose: (ids: string[]) => void; invited?: boolean; error?: string }) {
  const t = useT();
  const agencies = useAgencies();
  const register = useQuery({
    queryKey: ["people", "asked"],
    queryFn: async ({ signal }) => {
      const pages = await Promise.all((["EX", "PO"] as const).map((role) => api.get<Page<PersonRow>>(`/people?role=${role}&status=active`, signal)));
      const seen = new Set<string>();
      return pages.flatMap((p) => p.items).filter((p) => !seen.has(p.id) && seen.add(p.id));
    },
  });
  const people = register.data ?? [];
  const box = (id: string, label: ReactNode) => (
    <Check key={id} label={label} checked={chosen.includes(id)} onChange={(e) => choose(e.target.checked ? [...chosen, id] : chosen.filter((x) => x !== id))} />
  );
  return (
    <fieldset className="plain">
      <legend className="lab">{t(invited ? "edition.experts.invited" : "edition.experts")}</legend>
      <p className="hint">{t(invited ? "edition.experts.invited.hint" : "edition.experts.hint")}</p>
      {error && <p className="errmsg" role="alert">{error}</p>}
      {/* The people stand first: the agencies would move down from under the pointer when they come. */}
      {register.isPending && <Skeleton rows={4} />}
      {people.length > 0 && (
        <>
          <p className="meta mt1">{t("edition.experts.people")}</p>
          <div className="pick-agencies" data-pick="people">{people.map((p) => box(p.id, <Text of={p.name} />))}</div>
          <p className="meta mt1">{t("edition.experts.agencies")}</p>
        </>
      )}
      {!register.isPending && <div className="pick-agencies" data-pick="agencies">{agencies.map((a) => box(a.id, <Text of={a.short} />))}</div>}
    </fieldset>
  );
}

/** Where readers of the old address are led: another published guide. */
function Redirect({ except, value, change, required, error }: { except: string; value: string; change: (path: string) => void; required: boolean; error?: string }) {
  const t = useT();
  const locale = useLocale();
  const guides = useQuery({ queryKey: ["library", "redirect"], queryFn: ({ signal }) => api.get<Page<LibraryItem>>("/library", signal) }).data?.items ?? [];
  return (
    <Select
      label={t("edition.redirect")}
      required={required}
      value={value}
      error={error}
      onChange={(e) => change(e.target.value)}
      options={[{ value: "", label: t("edition.redirect.none") }, ...guides.filter((g) => g.id !== except).map((g) => ({ value: `/guides/${g.id}`, label: pick(g.title, locale) }))]}
    />
  );
}
