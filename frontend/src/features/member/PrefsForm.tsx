import "./Member.css";
import type { ReactNode } from "react";
import type { Prefs } from "../../api/types";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { usePrefs } from "../../locales/prefs";
import { Segmented } from "../../ui/Segmented";
import { useSavePrefs } from "./prefs";

/** Language, digits, calendar and theme; each takes effect as it is chosen. */
export function PrefsForm() {
  const t = useT();
  const { prefs } = usePrefs();
  const save = useSavePrefs();
  const fmt = useFormat();
  const choice = <K extends "locale" | "digits" | "calendar">(key: K, value: Prefs[K], title: ReactNode, example: string, lang?: string) => (
    <label>
      <input type="radio" name={key} checked={prefs[key] === value} onChange={() => save({ [key]: value } as Partial<Prefs>)} />
      <b>{title}</b>
      <span className="ex"><bdi lang={lang} dir={lang === "ar" ? "rtl" : lang === "en" ? "ltr" : undefined}>{example}</bdi></span>
    </label>
  );
  const both = fmt.both(Date.now()).split(" · ");
  const [first = "", second = ""] = both;
  const day = fmt.weekday(Date.now());
  const bare = first.startsWith(day) ? first.slice(day.length + 1) : first;
  const [hijri, gregory] = prefs.calendar === "hijri" ? [bare, second] : [second, bare];
  return (
    <>
      <fieldset className="pf">
        <legend>{t("prefs.locale")}</legend>
        <div className="pick">
          {choice("locale", "ar", <bdi lang="ar">{t("prefs.locale.ar")}</bdi>, t("prefs.locale.ar.ex"), "ar")}
          {choice("locale", "en", <bdi lang="en">{t("prefs.locale.en")}</bdi>, t("prefs.locale.en.ex"), "en")}
        </div>
      </fieldset>
      <fieldset className="pf">
        <legend>{t("prefs.digits")}</legend>
        <div className="pick">
          {choice("digits", "arab", t("prefs.digits.arab"), t("prefs.digits.arab.ex"), "ar")}
          {choice("digits", "latn", t("prefs.digits.latn"), t("prefs.digits.latn.ex"), "ar")}
        </div>
      </fieldset>
      <fieldset className="pf">
        <legend>{t("prefs.calendar")}</legend>
        <div className="pick">
          {choice("calendar", "hijri", t("prefs.calendar.hijri"), `${hijri} · ${gregory}`)}
          {choice("calendar", "gregory", t("prefs.calendar.gregory"), `${gregory} · ${hijri}`)}
        </div>
      </fieldset>
      <fieldset className="pf">
        <legend>{t("prefs.theme")}</legend>
        <Segmented label={t("prefs.theme")} value={prefs.theme} onChange={(theme) => save({ theme })} options={(["auto", "light", "dark"] as const).map((v) => ({ value: v, label: t(`prefs.theme.${v}`) }))} />
      </fieldset>
    </>
  );
}

/** A row and a clause as the chosen preferences show them. */
export function PrefsPreview({ bare }: { bare?: boolean }) {
  const t = useT();
  const fmt = useFormat();
  return (
    <section className="pv" aria-label={t("welcome.preview")}>
      {!bare && <p className="meta">{t("welcome.preview")}</p>}
      <div className="panel mt1">
        <div className="meta">{fmt.both(Date.now())}</div>
        <b style={{ fontSize: 17 }}>{t("prefs.preview.act")}</b>
        <div className="meta">{t("prefs.preview.meta", { n: 15, all: 24, when: fmt.weekdayDay(Date.now() + 2 * 86_400_000) })}</div>
        <hr style={{ marginBlock: 10 }} />
        <p className="text" style={{ fontSize: 18, lineHeight: 1.9 }}>
          <span className="num">{fmt.code("2.3")}</span> {t("prefs.preview.clause", { pct: fmt.pct(0.85) })}
        </p>
      </div>
    </section>
  );
}
