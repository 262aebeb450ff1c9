import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AgencyRef, Edition } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { fromLocalInput, toLocalInput } from "../../locales/zone";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { When } from "../../ui/When";
import { guidelineQuery } from "../guideline/api";
import { assignSection, changeSection, type Section, sectionsKey } from "./sections";

/** Gives a section to an agency, or changes on what terms. `where` is read when the form is sent: the text moves on meanwhile. */
export function SectionDialog({ edition, heading, section, where, onClose }: {
  edition: Edition;
  heading: string;
  section?: Section;
  where: () => Promise<{ version: number; from: number }>;
  onClose: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const queries = useQueryClient();
  const toast = useToast();
  const draft = edition.draft_id ?? "";
  const guideline = useQuery(guidelineQuery(edition.guideline.id)).data;
  const writers: AgencyRef[] = guideline ? [guideline.agency, ...(guideline.writers ?? [])].filter((a, i, all): a is AgencyRef => !!a && all.findIndex((b) => b?.id === a.id) === i) : [];
  const [agency, setAgency] = useState(section?.agency.id ?? "");
  const [due, setDue] = useState(section?.due_at ? toLocalInput(section.due_at).slice(0, 10) : "");
  const [note, setNote] = useState(section?.note ?? "");
  const save = useMutation({
    mutationFn: async () => {
      // The day ends with the network's working day, not with the reader's midnight.
      const terms = { agency, due_at: due ? fromLocalInput(`${due}T16:00`) : null, note: note.trim() };
      if (section) return changeSection(section.id, terms);
      const at = await where();
      return assignSection(draft, at.version, at.from, terms);
    },
    onSuccess: (s) => {
      toast(t("section.assigned", { agency: pick(s.agency.short, locale) }));
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: sectionsKey(draft) }),
  });
  return (
    <Dialog title={t("section.assign.of", { heading })} onClose={onClose}>
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault();
          if (agency && !save.isPending) save.mutate();
        }}
      >
        <FaultNote fault={save.error} />
        {fieldError(save.error, "at") && <p className="errmsg">{fieldError(save.error, "at")}</p>}
        <Select
          label={t("section.agency")}
          hint={t("section.agency.hint")}
          required
          value={agency}
          error={fieldError(save.error, "agency")}
          onChange={(e) => setAgency(e.target.value)}
          options={[{ value: "", label: "" }, ...writers.map((a) => ({ value: a.id, label: pick(a.name ?? a.short, locale) }))]}
        />
        <When label={t("section.due")} value={due} error={fieldError(save.error, "due_at")} onChange={setDue} />
        <Field label={t("section.note")} maxLength={500} value={note} error={fieldError(save.error, "note")} onChange={(e) => setNote(e.target.value)} />
        <div className="acts">
          <Button type="submit" tone="primary" pending={save.isPending} disabled={!agency}>{t("action.save")}</Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
