import type { CSSProperties } from "react";
import type { AgencyRef, Bi, PersonRef } from "../api/types";
import { pick } from "../locales/i18n";
import { foldDigits } from "../locales/format";
import { useLocale, usePrefs } from "../locales/prefs";

/** A text in two languages, isolated, with its language marked when it is not the reader's. */
export function Text({ of, className }: { of: Bi | string | null | undefined; className?: string }) {
  const locale = useLocale();
  if (of == null) return null;
  const other = locale === "ar" ? "en" : "ar";
  const lang = typeof of !== "string" && !of[locale] && of[other] ? other : undefined;
  return (
    <bdi className={className} lang={lang}>
      {pick(of, locale)}
    </bdi>
  );
}

/** A sentence of the hub's own. It comes with Arabic-Indic digits and is shown with the reader's. */
export function Said({ of }: { of: Bi | string | null | undefined }) {
  const { prefs } = usePrefs();
  if (of == null) return null;
  const text = pick(of, prefs.locale);
  return <bdi>{prefs.locale === "ar" && prefs.digits === "latn" ? foldDigits(text) : text}</bdi>;
}

/** The mark of an agency: a square in its hue and its name; filled when it is the reader's. */
export function Seal({ agency, mine, full }: { agency: AgencyRef | null | undefined; mine?: boolean; full?: boolean }) {
  if (!agency) return null;
  const hue = agency.hue >= 1 && agency.hue <= 8 ? { "--hue": `var(--a${agency.hue})` } : {};
  return (
    <span className={`seal ${mine ? "mine" : ""} ${full ? "full" : ""}`} style={hue as CSSProperties}>
      <Text of={full ? agency.name : agency.short} />
    </span>
  );
}

/** A person's name, isolated. */
export function Person({ of }: { of: PersonRef | string | null | undefined }) {
  if (!of) return null;
  return <Text of={typeof of === "string" ? of : of.name} />;
}

// "د. وائل" and "Dr Wael" begin with what many names begin with.
const title = /^(?:\p{L}{1,2}\.|Dr|Prof\.?|Eng\.?|Mrs?|Ms)\s+(?=\S)/u;

/** First letter of a name, not of a title before it. A heh that stands alone is drawn like the figure ٥, so it has a tatweel after it, as Arabic abbreviates with it. */
export function initial(name: string): string {
  const first = [...name.trim().replace(title, "")][0] ?? "";
  return first === "ه" ? "هـ" : first;
}

/** First letter of a name, for the round mark in the header. */
export function Initial({ name, hue }: { name: string; hue?: number }) {
  const first = initial(name);
  return (
    <span className={`av ${hue ? `h${hue}` : ""}`} aria-hidden="true">
      {first}
    </span>
  );
}
