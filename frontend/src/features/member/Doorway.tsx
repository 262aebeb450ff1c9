import "./SignIn.css";
import type { ReactNode } from "react";
import type { Bi } from "../../api/types";
import { useT } from "../../locales/i18n";
import { usePrefs } from "../../locales/prefs";
import { Mark } from "../../ui/Mark";
import { Text } from "../../ui/People";

/** The frame of the pages before the workspace: sign-in, set-up, invitation. */
export function Doorway({ network, children }: { network?: Bi; children: ReactNode }) {
  const t = useT();
  const { prefs, setPrefs, chosenAtDoor } = usePrefs();
  const other = prefs.locale === "ar" ? "en" : "ar";
  const choose = () => {
    chosenAtDoor.current = other;
    setPrefs({ locale: other });
  };
  return (
    <div className="sgn">
      <main className="l" id="matn" tabIndex={-1}>
        <div className="row between">
          <span className="brand">
            <Mark boxed />
            <span><Text of={network} /></span>
          </span>
          <button type="button" className="btn quiet" lang={other} dir={other === "ar" ? "rtl" : "ltr"} onClick={choose}>
            {t("me.language")}
          </button>
        </div>
        <div className="in">{children}</div>
        <p className="meta">{t("signin.notice")}</p>
      </main>
      <aside className="r" aria-hidden="true">
        <div className="frm">
          <div>
            <div className="meta mk">{t("signin.motto.small")}</div>
            <h2>{t("signin.motto")}</h2>
          </div>
          <ManuscriptPicture />
          <p className="meta mk">{t("signin.motto.end")}</p>
        </div>
      </aside>
    </div>
  );
}

// One agreed text in the middle, notes from every side: the idea of the product in a drawing.
function ManuscriptPicture() {
  const lines = Array.from({ length: 12 }, (_, i) => 34 + i * 17);
  const notes = [
    "M18 30h58M18 40h58M18 50h58M44 60h32",
    "M22 112l50-26M26 122l50-26M32 132l50-26M54 138l32-17",
    "M14 170h62M14 180h62M42 190h34",
    "M282 4l56 24M278 14l56 24M276 25l56 24M274 36l32 14",
    "M284 106h60M284 116h60M284 126h60M284 136h34",
    "M290 178l58-22M292 188l58-22M296 199l58-22M300 210l32-12",
  ];
  return (
    <svg viewBox="0 0 360 240" fill="none" aria-hidden="true">
      <g stroke="#E9B949">
        <path d="M94 4h172v232H94z" strokeWidth="2.5" />
        <path d="M100 10h160v220H100z" strokeWidth="1.2" />
        <path d="M82 38h12M82 110h12M266 50h14" strokeWidth="1.8" />
      </g>
      <g stroke="#F2F7F5" strokeWidth="3">
        {lines.map((y, i) => <path key={y} d={`M${[2, 5, 8, 11].includes(i) ? 128 : 112} ${y}H248`} />)}
      </g>
      <g stroke="#B5CEC8" strokeWidth="1.6">
        {notes.map((d) => <path key={d} d={d} />)}
      </g>
    </svg>
  );
}
