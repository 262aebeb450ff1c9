import type { Bi } from "../../api/types";
import { useT } from "../../locales/i18n";
import { Field } from "../../ui/Field";

/** A name in both languages, side by side; Arabic is required unless English stands in. */
export function BiField({ label, value, error, onChange, required = true }: {
  label: string;
  value: Bi;
  error?: string;
  onChange: (v: Bi) => void;
  required?: boolean;
}) {
  const t = useT();
  return (
    <div className="pair">
      <Field label={t("form.ar", { label })} dir="rtl" lang="ar" required={required && !value.en.trim()} value={value.ar} error={error} onChange={(e) => onChange({ ...value, ar: e.target.value })} />
      <Field label={t("form.en", { label })} dir="ltr" lang="en" value={value.en} onChange={(e) => onChange({ ...value, en: e.target.value })} />
    </div>
  );
}
