import { useQuery } from "@tanstack/react-query";
import type { Bi } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Field, Select } from "../../ui/Field";
import { wordsQuery } from "./api";
import { BiField } from "./BiField";

/** A sector or an area as a form holds it; name is there while it is new to the network. */
export interface Word {
  code: string;
  name?: Bi;
}

const another = "+";

/** A choice among the network's sectors or areas, or another one with its names. */
export function WordField({ axis, label, value, error, onChange }: {
  axis: "sector" | "area";
  label: string;
  value: Word;
  error?: string;
  onChange: (w: Word) => void;
}) {
  const t = useT();
  const locale = useLocale();
  const words = useQuery(wordsQuery).data?.items.filter((w) => w.axis === axis) ?? [];
  const known = words.some((w) => w.code === value.code) || !value.code ? words : [{ axis, code: value.code, name: { ar: value.code, en: value.code } }, ...words];
  return (
    <>
      <Select
        label={label}
        error={value.name ? undefined : error}
        value={value.name ? another : value.code}
        onChange={(e) => onChange(e.target.value === another ? { code: "", name: { ar: "", en: "" } } : { code: e.target.value })}
        options={[...(value.code || value.name ? [] : [{ value: "", label: "—" }]), ...known.map((w) => ({ value: w.code, label: pick(w.name, locale) })), { value: another, label: t("narrow.word.another") }]}
      />
      {value.name && (
        <div>
          <Field label={t("narrow.word.code", { label })} hint={t("narrow.word.code.hint")} dir="ltr" required maxLength={40} pattern="[a-z0-9_\-]+" value={value.code} error={error} onChange={(e) => onChange({ ...value, code: e.target.value.toLowerCase() })} />
          <BiField label={label} value={value.name} onChange={(name) => onChange({ ...value, name })} />
        </div>
      )}
    </>
  );
}
