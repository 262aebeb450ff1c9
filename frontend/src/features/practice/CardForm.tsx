import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import type { Kept } from "../../api/kept";
import type { Evidence } from "../../api/types";
import { useT } from "../../locales/i18n";
import { toLocalInput } from "../../locales/zone";
import { Button } from "../../ui/Button";
import { Area, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { FaultNote, fieldError } from "../../ui/States";
import { When } from "../../ui/When";
import type { PracticeInput } from "./api";

interface Row extends Evidence {
  key: number;
}

let nextKey = 0;
const row = (e: Evidence): Row => {
  nextKey += 1;
  return { ...e, key: nextKey };
};
const today = () => toLocalInput(new Date()).slice(0, 10);

/** The card of a practice: problem, context, dated evidence, cost, contacts. What is written survives a reload. */
export function CardForm({ start, unsent, fault, pending, submit, action, children }: {
  start?: PracticeInput;
  /** Where the unsent form is kept. */
  unsent?: Kept<PracticeInput>;
  fault: unknown;
  pending: boolean;
  submit: (card: PracticeInput) => void;
  action: string;
  children?: ReactNode;
}) {
  const t = useT();
  const [card, setCard] = useState<PracticeInput>(() => {
    const empty: PracticeInput = { title: { ar: "", en: "" }, problem: "", context: "", evidence: [], cost: "", contacts: "" };
    const kept = unsent?.read();
    return kept ? { ...empty, ...kept } : (start ?? empty);
  });
  const [rows, setRows] = useState<Row[]>(() => (card.evidence.length ? card.evidence : [{ text: "", date: today(), source: "" }]).map(row));
  const evidence = rows.filter((r) => r.text.trim() || r.source.trim()).map(({ text, date, source }) => ({ text: text.trim(), date, source: source.trim() }));
  const whole: PracticeInput = { ...card, evidence };
  const written = JSON.stringify(whole);
  useEffect(() => unsent?.keep(JSON.parse(written) as PracticeInput), [unsent, written]);
  const set = (part: Partial<PracticeInput>) => setCard((c) => ({ ...c, ...part }));
  const change = (key: number, part: Partial<Evidence>) => setRows((all) => all.map((r) => (r.key === key ? { ...r, ...part } : r)));
  const onSubmit = (e: FormEvent) => {
    e.preventDefault();
    if (!pending) submit(whole);
  };
  return (
    <form className="form" style={{ maxInlineSize: 820 }} onSubmit={onSubmit}>
      {fault != null && <FaultNote fault={fault} />}
      <div className="pair">
        <Field label={t("form.ar", { label: t("practice.title") })} dir="rtl" lang="ar" required={!card.title.en.trim()} maxLength={400} value={card.title.ar} error={fieldError(fault, "title", "title.ar")} onChange={(e) => set({ title: { ...card.title, ar: e.target.value } })} />
        <Field label={t("form.en", { label: t("practice.title") })} dir="ltr" lang="en" maxLength={400} value={card.title.en} error={fieldError(fault, "title.en")} onChange={(e) => set({ title: { ...card.title, en: e.target.value } })} />
      </div>
      <Area label={t("practice.problem")} hint={t("practice.problem.hint")} rows={4} required value={card.problem} error={fieldError(fault, "problem")} onChange={(e) => set({ problem: e.target.value })} />
      <Area label={t("practice.context")} hint={t("practice.context.hint")} rows={3} value={card.context} error={fieldError(fault, "context")} onChange={(e) => set({ context: e.target.value })} />
      <fieldset>
        <legend className="lab">{t("practice.evidence")}</legend>
        <p className="hint">{t("practice.evidence.hint")}</p>
        {fieldError(fault, "evidence") && <p className="errmsg" role="alert">{fieldError(fault, "evidence")}</p>}
        {rows.map((r) => (
          <div className="evrow" key={r.key}>
            <Area label={t("practice.evidence.text")} rows={2} value={r.text} onChange={(e) => change(r.key, { text: e.target.value })} />
            <When label={t("practice.evidence.date")} value={r.date} max={today()} onChange={(date) => change(r.key, { date })} />
            <Field label={t("practice.evidence.source")} value={r.source} onChange={(e) => change(r.key, { source: e.target.value })} />
            <button type="button" className="iconbtn" aria-label={t("action.remove")} onClick={() => setRows((all) => all.filter((x) => x.key !== r.key))}><Icon of={Trash2} /></button>
          </div>
        ))}
        <Button small className="mt2" onClick={() => setRows((all) => [...all, row({ text: "", date: today(), source: "" })])}><Icon of={Plus} small />{t("practice.evidence.add")}</Button>
      </fieldset>
      <Field label={t("practice.cost")} hint={t("practice.cost.hint")} value={card.cost} error={fieldError(fault, "cost")} onChange={(e) => set({ cost: e.target.value })} />
      <Field label={t("practice.contacts")} hint={t("practice.contacts.hint")} value={card.contacts} error={fieldError(fault, "contacts")} onChange={(e) => set({ contacts: e.target.value })} />
      <div className="row wrap">
        <Button type="submit" tone="primary" pending={pending}>{action}</Button>
        {children}
      </div>
    </form>
  );
}
