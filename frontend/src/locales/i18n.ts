/**
 * Words of the interface. Catalogues are typed objects of ICU messages under explicit ids, Arabic first;
 * English must have the same ids. Each language is its own chunk, loaded when it is first chosen.
 */
import { i18n } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { useLingui } from "@lingui/react";
import type { Bi, Locale, Prefs } from "../api/types";
import type { Messages } from "./ar";

export type MessageId = keyof Messages;
export type Values = Record<string, string | number>;

const compiled = new Map<string, ReturnType<typeof compileMessage>>();
i18n.setMessagesCompiler((message) => {
  let tokens = compiled.get(message);
  if (tokens === undefined) {
    tokens = compileMessage(message);
    compiled.set(message, tokens);
  }
  return tokens;
});

const loaded = new Set<Locale>();

/** Loads a language if needed and makes it, with the chosen digits, the one spoken. */
export async function speak(locale: Locale, digits: Prefs["digits"]): Promise<void> {
  if (!loaded.has(locale)) {
    const messages = locale === "ar" ? (await import("./ar")).messages : (await import("./en")).messages;
    i18n.load(locale, messages);
    loaded.add(locale);
  }
  i18n.activate(locale, numberLocales(locale, digits));
}

function numberLocales(locale: Locale, digits: Prefs["digits"]): string[] {
  return [locale === "ar" ? `ar-u-nu-${digits}` : "en"];
}

/**
 * The sentence of an id. Strings put into it are isolated where they could reorder it, such as a Latin name
 * in an Arabic sentence; numbers are written {n, number} or # in the catalogue.
 */
export function translate(id: MessageId, values?: Values): string {
  if (!values) return i18n._(id);
  const isolated: Values = {};
  for (const [k, v] of Object.entries(values)) isolated[k] = typeof v === "string" ? isolate(v) : v;
  return i18n._(id, isolated);
}

// Only what could reorder the sentence is isolated: text of the other direction, or with ASCII digits in it. A
// first-strong isolate skips isolates inside it and would then turn left to right; a text put together from
// isolates is a sentence of ours, so it takes the direction of the language instead.
function isolate(v: string): string {
  const arabic = i18n.locale === "ar";
  if (!(arabic ? /[A-Za-z0-9\u00C0-\u024F\u2066-\u2069]/ : /[\u0590-\u08FF\u2066-\u2069\uFB1D-\uFEFC]/).test(v)) return v;
  const composed = /[\u2066-\u2068]/.test(v);
  const open = composed ? (arabic ? "\u2067" : "\u2066") : "\u2068";
  return `${open}${v}\u2069`;
}

export type Translate = typeof translate;

let spoken: { by: string; t: Translate } | null = null;

/** The translate function; the component re-renders when the language or the digits change. */
export function useT(): Translate {
  const { i18n: now } = useLingui();
  const by = `${now.locale} ${String(now.locales)}`;
  // A new identity per language makes memoised children speak it; it is one for all components, so that what is made of it is made once.
  if (spoken?.by !== by) spoken = { by, t: (id, values) => translate(id, values) };
  return spoken.t;
}

/** Whether the catalogue knows an id put together from data, such as a state the hub sent. */
export function known(id: string): id is MessageId {
  return i18n.messages[id] !== undefined;
}

/** The sentence of an id put together from data, or the fallback. */
export function translateOr(id: string, fallback: string, values?: Values): string {
  return known(id) ? translate(id, values) : fallback;
}

/** The text of the spoken language, or the other one when that is missing: content is never machine-translated. */
export function pick(text: Bi | string | null | undefined, locale: Locale): string {
  if (text == null) return "";
  if (typeof text === "string") return text;
  return text[locale] || text[locale === "ar" ? "en" : "ar"] || "";
}
