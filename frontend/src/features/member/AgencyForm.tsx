import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { AgencyDetail, Bi } from "../../api/types";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Check, Field, Select } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { agenciesKey, type AgencyInput, agencyKey, createAgency, nameWord, patchAgency } from "./api";
import { BiField } from "./BiField";
import { type Word, WordField } from "./WordField";

const kinds = ["authority", "department", "ministry", "council", "municipality", "police", "court", "centre", "other"] as const;

/** Adds an agency, or changes the data of one. */
export function AgencyForm({ agency, close }: { agency?: AgencyDetail; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const [status, setStatus] = useState(agency?.status ?? "active");
  const [form, setForm] = useState<AgencyInput>(() =>
    agency
      ? { code: agency.code, name: agency.name, short: agency.short, kind: agency.kind, tier: agency.tier, sector: agency.sector, area: agency.area, has_vote: agency.has_vote }
      : { code: "", name: { ar: "", en: "" }, short: { ar: "", en: "" }, kind: "authority", tier: "local", sector: "", area: "nationwide", has_vote: true });
  const [fresh, setFresh] = useState<{ sector?: Bi; area?: Bi }>({});
  const word = (axis: "sector" | "area") => ({
    axis,
    value: { code: form[axis], name: fresh[axis] },
    onChange: (w: Word) => {
      set({ [axis]: w.code });
      setFresh((was) => ({ ...was, [axis]: w.name }));
    },
  });
  const set = (part: Partial<AgencyInput>) => setForm((f) => ({ ...f, ...part }));
  const send = useMutation({
    mutationFn: async () => {
      // A word gets its name first: where that is refused, nothing has changed.
      for (const axis of ["sector", "area"] as const) {
        const name = fresh[axis];
        if (name) await nameWord({ axis, code: form[axis], name });
      }
      if (!agency) return createAgency(form);
      const { code: _fixed, ...rest } = form;
      return patchAgency(agency.id, { ...rest, status });
    },
    onSuccess: (a) => {
      client.invalidateQueries({ queryKey: agenciesKey });
      client.invalidateQueries({ queryKey: agencyKey(a.id) });
      toast(t("form.saved"));
      close();
      if (!agency) navigate({ to: "/agencies/$id", params: { id: a.id } });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  const options = kinds.includes(form.kind as (typeof kinds)[number]) ? kinds : [form.kind, ...kinds];
  return (
    <Dialog title={t(agency ? "agency.edit" : "agencies.add")} wide onClose={close}>
      <form className="form" onSubmit={submit}>
        {f && <FaultNote fault={f} />}
        <BiField label={t("agency.full")} value={form.name} error={fieldError(f, "name")} onChange={(name) => set({ name })} />
        <BiField label={t("agency.short")} required={false} value={form.short} error={fieldError(f, "short")} onChange={(short) => set({ short })} />
        <div className="pair">
          {!agency && <Field label={t("agency.code")} dir="ltr" required maxLength={24} pattern="[A-Z0-9\-]{2,24}" value={form.code} error={fieldError(f, "code")} onChange={(e) => set({ code: e.target.value.toUpperCase() })} />}
        </div>
        <div className="pair">
          <WordField label={t("agencies.sector")} {...word("sector")} error={fieldError(f, "sector", ...(fresh.sector ? ["code", "name"] : []))} />
          <WordField label={t("narrow.axis.area")} {...word("area")} error={fieldError(f, "area", ...(fresh.area ? ["code", "name"] : []))} />
        </div>
        <div className="pair">
          <Select label={t("agencies.kind")} value={form.kind} onChange={(e) => set({ kind: e.target.value })} error={fieldError(f, "kind")} options={options.map((k) => ({ value: k, label: kinds.includes(k as (typeof kinds)[number]) ? t(`agency.kind.${k as (typeof kinds)[number]}`) : k }))} />
          <Select label={t("agencies.tier")} value={form.tier} onChange={(e) => set({ tier: e.target.value })} error={fieldError(f, "tier")} options={(["federal", "local"] as const).map((v) => ({ value: v, label: t(`agency.tier.${v}`) }))} />
        </div>
        {agency && agency.kind !== "secretariat" && (
          <Select label={t("agency.status")} value={status} error={fieldError(f, "status")} onChange={(e) => setStatus(e.target.value)} options={(["active", "suspended"] as const).map((v) => ({ value: v, label: t(`agency.status.${v}`) }))} />
        )}
        <Check label={t("agencies.vote.yes")} checked={form.has_vote ?? false} onChange={(e) => set({ has_vote: e.target.checked })} />
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending}>{t("action.save")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
