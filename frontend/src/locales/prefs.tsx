/** Reading preferences: language, digits, calendar, theme. Kept with the person when signed in, else on the device. */
import { i18n } from "@lingui/core";
import { I18nProvider as LinguiProvider } from "@lingui/react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { setApiLanguage } from "../api/client";
import type { Prefs } from "../api/types";
import { speak } from "./i18n";

const storageKey = "multaqa.prefs";
// The hub wrote the language that the browser asks for into the page; it holds until somebody chooses one.
const asked: Prefs["locale"] = document.documentElement.lang === "en" ? "en" : "ar";
export const defaultPrefs: Prefs = { locale: asked, digits: "arab", calendar: "hijri", theme: "auto" };

/** The preferences last used on this device. */
export function storedPrefs(): Prefs {
  try {
    const raw: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "{}");
    return cleanPrefs(raw as Partial<Prefs>);
  } catch {
    return defaultPrefs;
  }
}

/** Preferences with every unknown or missing value replaced by the default. */
export function cleanPrefs(p: Partial<Prefs> | null | undefined): Prefs {
  const one = <T extends string>(v: unknown, allowed: readonly T[], other: T): T =>
    (allowed as readonly unknown[]).includes(v) ? (v as T) : other;
  return {
    locale: one(p?.locale, ["ar", "en"] as const, defaultPrefs.locale),
    digits: one(p?.digits, ["arab", "latn"] as const, defaultPrefs.digits),
    calendar: one(p?.calendar, ["hijri", "gregory"] as const, defaultPrefs.calendar),
    theme: one(p?.theme, ["auto", "light", "dark"] as const, defaultPrefs.theme),
  };
}

/** Puts language, direction and theme on the document. */
export function applyToDocument(p: Prefs): void {
  const root = document.documentElement;
  root.lang = p.locale;
  root.dir = p.locale === "ar" ? "rtl" : "ltr";
  if (p.theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = p.theme;
}

interface PrefsValue {
  prefs: Prefs;
  /** Changes preferences at once, here and on this device; saving them with the person is the caller's. */
  setPrefs: (next: Partial<Prefs>) => void;
  /** The language that was chosen before signing in; it goes with the person who signs in then, once. */
  chosenAtDoor: { current: Prefs["locale"] | undefined };
}
const Context = createContext<PrefsValue | null>(null);

/** Provides the preferences; children appear once the first language has loaded. */
export function PrefsProvider({ children }: { children: ReactNode }) {
  const [prefs, set] = useState<Prefs>(storedPrefs);
  const first = useRef(prefs);
  const chosenAtDoor = useRef<Prefs["locale"]>(undefined);
  const [ready, setReady] = useState(false);
  const { locale, digits } = prefs;
  useEffect(() => {
    let current = true;
    setApiLanguage(locale);
    speak(locale, digits).then(() => {
      if (current) setReady(true);
    });
    return () => {
      current = false;
    };
  }, [locale, digits]);
  useEffect(() => {
    applyToDocument(prefs);
    if (prefs === first.current) return; // nobody has chosen anything here
    try {
      localStorage.setItem(storageKey, JSON.stringify(prefs));
    } catch {
      // Private windows may refuse storage; the preference then lasts as long as the page.
    }
  }, [prefs]);
  const value = useMemo<PrefsValue>(
    () => ({ prefs, setPrefs: (next) => set((p) => cleanPrefs({ ...p, ...next })), chosenAtDoor }),
    [prefs],
  );
  if (!ready) return null;
  return (
    <Context value={value}>
      <LinguiProvider i18n={i18n}>
        <I18nProvider locale={locale === "ar" ? `ar-AE-u-nu-${digits}` : "en-GB"}>{children}</I18nProvider>
      </LinguiProvider>
    </Context>
  );
}

/** The preferences in force. */
export function usePrefs(): PrefsValue {
  const v = useContext(Context);
  if (!v) throw new Error("usePrefs outside PrefsProvider");
  return v;
}

/** The language of the interface. */
export function useLocale(): Prefs["locale"] {
  return usePrefs().prefs.locale;
}
