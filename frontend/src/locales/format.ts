/**
 * The one place where numbers and dates become text. Digits and calendar follow the reader's preferences;
 * Hijri is Umm al-Qura. Text that people typed is never converted.
 */
import { useMemo } from "react";
import type { Prefs } from "../api/types";
import { type Translate, useT } from "./i18n";
import { usePrefs } from "./prefs";
import { networkZone } from "./zone";

type When = string | number | Date;

export interface Format {
  /** 12345 → ١٢٬٣٤٥ */
  num: (n: number) => string;
  /** 0.86 → ٨٦٪ */
  pct: (ratio: number) => string;
  /** Clause and edition numbers such as 2.1, in the reader's digits. */
  code: (s: string) => string;
  /** Day and month, with the year when it is not this one: ٢٤ نوفمبر. */
  day: (at: When) => string;
  /** Weekday, day and month: الثلاثاء ٢٤ نوفمبر. */
  weekdayDay: (at: When) => string;
  weekday: (at: When, short?: boolean) => string;
  dayOfMonth: (at: When) => string;
  month: (at: When) => string;
  /** Full date in the reader's calendar. */
  date: (at: When) => string;
  /** The date in both calendars, the reader's first. */
  dates: (at: When) => string;
  /** Weekday and the date in both calendars, the reader's first. */
  both: (at: When) => string;
  time: (at: When) => string;
  /** Date and time. */
  moment: (at: When) => string;
  /** How long ago or until, in words: قبل ساعتين، بعد يومين. */
  relative: (at: When, now?: number) => string;
  /** Hours or days left until a closing time, as a sentence. */
  closes: (at: When, now?: number) => string;
}

const toDate = (at: When) => (at instanceof Date ? at : new Date(at));
const minute = 60_000;
const hour = 60 * minute;
const dayMs = 24 * hour;

const cache = new Map<string, Intl.DateTimeFormat>();
function dtf(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zoned = { ...options, timeZone: networkZone() };
  const key = tag + JSON.stringify(zoned);
  let f = cache.get(key);
  if (!f) {
    f = new Intl.DateTimeFormat(tag, zoned);
    cache.set(key, f);
  }
  return f;
}

// As the published pages write them; the engine's have an ayn that the faces lack.
const hijriMonths = ["Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II", "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qida", "Dhu al-Hijja"];

/** Formatting functions for a set of preferences. */
export function makeFormat(prefs: Prefs, t: Translate, now: () => number = Date.now): Format {
  const arabic = prefs.locale === "ar";
  const nu = arabic ? prefs.digits : "latn";
  const gregory = arabic ? `ar-AE-u-ca-gregory-nu-${nu}` : "en-GB-u-ca-gregory";
  const hijri = arabic ? `ar-SA-u-ca-islamic-umalqura-nu-${nu}` : "en-GB-u-ca-islamic-umalqura";
  const first = prefs.calendar === "hijri" ? hijri : gregory;
  const second = prefs.calendar === "hijri" ? gregory : hijri;
  const number = new Intl.NumberFormat(arabic ? `ar-u-nu-${nu}` : "en");
  const percent = new Intl.NumberFormat(arabic ? `ar-u-nu-${nu}` : "en", { style: "percent", maximumFractionDigits: 0 });
  const longDate: Intl.DateTimeFormatOptions = { day: "numeric", month: "long", year: "numeric" };
  // Deadlines and rulers are kept in the Gregorian month, which offices work by; full dates carry both.
  const day = (at: When) => {
    const d = toDate(at);
    const sameYear = d.getFullYear() === new Date(now()).getFullYear();
    return dtf(gregory, sameYear ? { day: "numeric", month: "long" } : longDate).format(d);
  };
  const time = (at: When) => dtf(gregory, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(toDate(at));
  const weekday = (at: When, short = false) => dtf(gregory, { weekday: short ? "short" : "long" }).format(toDate(at));
  // Engines write the era in different places (1448هـ, 1448 AH); we place it ourselves.
  const full = (tag: string, at: When) => {
    const d = toDate(at);
    const parts = dtf(tag, longDate).formatToParts(d).filter((p) => p.type !== "era");
    const body = parts.map((p) => (p.type === "month" && tag === hijri && !arabic ? hijriMonths[Number(dtf(tag, { month: "numeric" }).format(d).replace(/\D+/g, "")) - 1] : p.value)).join("").replace(/\s+/g, " ").trim();
    const isHijri = tag === hijri;
    if (arabic) return body + (isHijri ? "هـ" : "م");
    return isHijri ? `${body} AH` : body;
  };
  const relative = (at: When, from = now()) => {
    const diff = toDate(at).getTime() - from;
    const past = diff < 0;
    const abs = Math.abs(diff);
    if (abs < minute) return t("time.now");
    if (abs < hour) return t(past ? "time.minutes.ago" : "time.minutes.in", { n: Math.round(abs / minute) });
    if (abs < dayMs) return t(past ? "time.hours.ago" : "time.hours.in", { n: Math.round(abs / hour) });
    return t(past ? "time.days.ago" : "time.days.in", { n: Math.round(abs / dayMs) });
  };
  return {
    num: (n) => number.format(n),
    pct: (r) => percent.format(r),
    code: (s) => (nu === "arab" ? arabicDigits(s) : foldDigits(s)),
    day,
    weekdayDay: (at) => `${weekday(at)} ${day(at)}`,
    weekday,
    dayOfMonth: (at) => dtf(gregory, { day: "numeric" }).format(toDate(at)),
    month: (at) => dtf(gregory, { month: "long" }).format(toDate(at)),
    date: (at) => full(first, at),
    dates: (at) => `${full(first, at)} · ${full(second, at)}`,
    both: (at) => `${weekday(at)} ${full(first, at)} · ${full(second, at)}`,
    time,
    moment: (at) => t("time.moment", { day: day(at), time: time(at) }),
    relative,
    closes: (at, from = now()) => {
      const diff = toDate(at).getTime() - from;
      if (diff <= 0) return t("time.closed");
      if (diff < hour) return t("time.closes.minutes", { n: Math.max(1, Math.round(diff / minute)) });
      if (diff < dayMs) return t("time.closes.hours", { n: Math.round(diff / hour) });
      return t("time.closes.days", { n: Math.round(diff / dayMs) });
    },
  };
}

// Numbers' formatters take a tenth of a millisecond to make, and a list has hundreds of rows.
let last: { prefs: Prefs; t: Translate; made: Format } | null = null;

/** Formatting functions for the reader. */
export function useFormat(): Format {
  const { prefs } = usePrefs();
  const t = useT();
  return useMemo(() => {
    if (last?.prefs !== prefs || last.t !== t) last = { prefs, t, made: makeFormat(prefs, t) };
    return last.made;
  }, [prefs, t]);
}

/** ASCII digits as Arabic-Indic ones. */
export function arabicDigits(s: string): string {
  return s.replace(/[0-9]/g, (c) => String.fromCharCode(0x660 + Number(c)));
}

/** Digits typed in either set, as ASCII: inputs accept both and fold on entry. */
export function foldDigits(s: string): string {
  return s.replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (c) => String(c.charCodeAt(0) & 0xf));
}
