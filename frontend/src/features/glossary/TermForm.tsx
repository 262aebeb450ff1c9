import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Field } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { changeTerm, proposeTerm, type Term, type TermInput, termsKey } from "./api";

/** Adds, proposes or changes a term. */
export function TermForm({ term, decides, close }: { term?: Term; decides: boolean; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [words, setWords] = useState(term?.words ?? { ar: "", en: "" });
  const [definition, setDefinition] = useState(term?.definition ?? { ar: "", en: "" });
  const [avoid, setAvoid] = useState(term?.discouraged.map((d) => d.text).join("\n") ?? "");
  const send = useMutation({
    mutationFn: () => {
      const body: TermInput = {
        words, definition,
        discouraged: avoid.split("\n").map((x) => x.trim()).filter(Boolean).map((text) => ({ lang: /[\u0600-\u06FF]/.test(text) ? "ar" : "en", text })),
      };
      return term ? changeTerm(term, body) : proposeTerm(body);
    },
    onSuccess: () => {
      toast(t(term || decides ? "form.saved" : "glossary.proposed"));
      close();
    },
    onSettled: () => client.invalidateQueries({ queryKey: termsKey }),
  });
  const f = send.error;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const taken = typeof (f as { extra?: { word?: unknown } } | null)?.extra?.word === "string";
  return (
    <Dialog title={t(term ? "glossary.edit" : decides ? "glossary.add" : "glossary.propose")} wide onClose={close}>
      <form className="form" onSubmit={submit}>
        {f && <FaultNote fault={f} />}
        <div className="pair">
          <Field label={t("form.ar", { label: t("glossary.words") })} dir="rtl" lang="ar" required maxLength={80} value={words.ar} error={fieldError(f, "ar")} onChange={(e) => setWords({ ...words, ar: e.target.value })} />
          <Field label={t("form.en", { label: t("glossary.words") })} dir="ltr" lang="en" required maxLength={80} value={words.en} error={fieldError(f, "en")} onChange={(e) => setWords({ ...words, en: e.target.value })} />
        </div>
        <Area label={t("form.ar", { label: t("glossary.definition") })} dir="rtl" lang="ar" maxLength={600} required={!definition.en.trim()} value={definition.ar} error={fieldError(f, "definition_ar")} onChange={(e) => setDefinition({ ...definition, ar: e.target.value })} />
        <Area label={t("form.en", { label: t("glossary.definition") })} dir="ltr" lang="en" maxLength={600} value={definition.en} error={fieldError(f, "definition_en")} onChange={(e) => setDefinition({ ...definition, en: e.target.value })} />
        <Area label={t("glossary.avoid.label")} hint={t("glossary.avoid.hint")} value={avoid} error={taken ? undefined : fieldError(f, "discouraged")} onChange={(e) => setAvoid(e.target.value)} />
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending}>{t(term || decides ? "action.save" : "glossary.propose")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
