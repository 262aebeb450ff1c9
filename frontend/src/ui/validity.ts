/** What a field lacks before it is sent, said beside it in the reader's language: a browser says it in its own, and takes it away after a while. */
import { type SyntheticEvent, useState } from "react";
import { useT } from "../locales/i18n";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The words for what is wrong with a control, by the constraint it does not meet (HTML, section 4.10.21.1). */
export type Lack = "required" | "choose" | "email" | "short" | "form";

export function lackOf(v: Pick<ValidityState, "valueMissing" | "typeMismatch" | "tooShort">, control: { tagName: string }): Lack {
  if (v.valueMissing) return control.tagName === "SELECT" ? "choose" : "required";
  if (v.typeMismatch) return "email";
  return v.tooShort ? "short" : "form";
}

/** The error to show, the browser's own finding before an older answer of the hub, and what to put on the control. */
export function useValidity(given: string | undefined) {
  const t = useT();
  const [lack, setLack] = useState<{ what: Lack; n: number } | null>(null);
  const watched = {
    onInvalid: (e: SyntheticEvent<Control>) => {
      e.preventDefault();
      const el = e.currentTarget;
      setLack({ what: lackOf(el.validity, el), n: "minLength" in el ? el.minLength : 0 });
      // With its bubble the browser gives up going to the first field too.
      const first = [...(el.form?.elements ?? [])].find((x) => x.matches("input:invalid, textarea:invalid, select:invalid"));
      if (first === el) el.focus();
    },
    onInput: (e: SyntheticEvent<Control>) => {
      if (lack && e.currentTarget.validity.valid) setLack(null);
    },
  };
  return [lack ? t(`form.lack.${lack.what}`, { n: lack.n }) : given, watched] as const;
}
