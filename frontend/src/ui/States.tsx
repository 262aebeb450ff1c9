import { CircleAlert, Lock, RotateCw, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { ApiFault } from "../api/client";
import { pick, translateOr, useT } from "../locales/i18n";
import { useLocale } from "../locales/prefs";
import { Button, buttonClass, useAfter } from "./Button";
import { GoLink } from "./GoLink";
import { Icon } from "./Icon";

/** Same geometry as a register, shown only when loading takes more than 300 ms. */
export function Skeleton({ rows = 5 }: { rows?: number }) {
  const t = useT();
  const late = useAfter(true, 300);
  if (!late) return <div aria-busy="true" hidden />;
  return (
    <div className="sk" aria-busy="true" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move.
        <div key={i}>
          <i className="skel" style={{ blockSize: 22 }} />
          <span className="col" style={{ gap: 7 }}>
            <i className="skel" style={{ inlineSize: `${86 - (i * 13) % 34}%` }} />
            <i className="skel" style={{ inlineSize: `${61 - (i * 11) % 25}%`, blockSize: 10 }} />
          </span>
          <i className="skel" style={{ blockSize: 30 }} />
        </div>
      ))}
    </div>
  );
}

/** Nothing to show: why, and what to do next. */
export function Empty({ icon, title, children, actions, whole }: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** It is all there is on the page. */
  whole?: boolean;
}) {
  const H = whole ? "h1" : "h2";
  return (
    <div className="empty">
      {icon}
      <H>{title}</H>
      {children && <p className="dim">{children}</p>}
      {actions && <div className="row wrap">{actions}</div>}
    </div>
  );
}

function HomeLink() {
  const t = useT();
  return <GoLink className={buttonClass({ small: true })} href="/">{t("page.notfound.home")}</GoLink>;
}

/** A page of an office that the reader does not hold: who holds it, and the way back. */
export function Closed({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <Empty whole icon={<span className="dim"><Icon of={Lock} /></span>} title={title} actions={<HomeLink />}>
      {children}
    </Empty>
  );
}

/** The sentence of a fault in the reader's language. */
export function faultText(fault: unknown, locale: "ar" | "en"): string {
  if (fault instanceof ApiFault) {
    const own = translateOr(`fault.${fault.code}`, "");
    if (own) return own;
    const said = pick(fault.title, locale);
    const line = lineOf(fault);
    if (said) return line ? translateOr("fault.line", said, { n: line, said }) : said;
  }
  return translateOr("fault.unknown", "");
}

/** The line of the text that a fault is about, from 1; 0 when it is about none. */
export function lineOf(fault: unknown): number {
  const n = fault instanceof ApiFault ? Number(fault.extra.line) : 0;
  return Number.isInteger(n) && n > 0 ? n : 0;
}

/** A whole view that failed: what happened, that nothing was lost, retry, and the code to quote. */
export function ErrorState({ fault, retry }: { fault: unknown; retry?: () => void }) {
  const t = useT();
  const locale = useLocale();
  const f = fault instanceof ApiFault ? fault : null;
  if (f?.status === 404) {
    return (
      <Empty icon={<span className="dim"><Icon of={SearchX} /></span>} title={faultText(f, locale)} actions={<HomeLink />}>
        {t("state.notfound.text")}
      </Empty>
    );
  }
  if (f?.status === 403) {
    return (
      <Empty icon={<span className="dim"><Icon of={Lock} /></span>} title={faultText(f, locale)} actions={<HomeLink />}>
        {t("state.forbidden.text")}
      </Empty>
    );
  }
  return (
    <div className="empty" role="alert">
      <div className="note against">
        <span className="c-against"><Icon of={CircleAlert} /></span>
        <div>
          <b>{faultText(fault, locale)}</b>
          <div>{t(f?.offline ? "state.error.offline" : "state.error.text")}</div>
        </div>
      </div>
      {retry && (
        <div className="row">
          <Button small tone="primary" onClick={retry}>
            <Icon of={RotateCw} small />
            {t("action.retry")}
          </Button>
        </div>
      )}
      <Reference fault={f} />
    </div>
  );
}

/** A fault beside the form it came from. */
export function FaultNote({ fault, children }: { fault: unknown; children?: ReactNode }) {
  const locale = useLocale();
  if (!fault) return null;
  return (
    <div className="note against" role="alert">
      <span className="c-against"><Icon of={CircleAlert} /></span>
      <div>
        <b>{faultText(fault, locale)}</b>
        {children && <div>{children}</div>}
        <Reference fault={fault instanceof ApiFault && fault.status >= 500 ? fault : null} />
      </div>
    </div>
  );
}

function Reference({ fault }: { fault: ApiFault | null }) {
  const t = useT();
  if (!fault?.requestId) return null;
  return (
    <p className="meta">
      {t("state.reference")} <bdi dir="ltr">{fault.requestId}</bdi>
    </p>
  );
}

/** What is wrong with a field of a failed form, in words; undefined when nothing is. */
export function fieldError(fault: unknown, ...names: string[]): string | undefined {
  if (!(fault instanceof ApiFault)) return undefined;
  for (const name of names) {
    const code = fault.fields[name];
    if (code) {
      const short = code.includes(".") ? code.slice(code.lastIndexOf(".") + 1) : code;
      return translateOr(`field.${short}`, translateOr("field.invalid", code));
    }
  }
  return undefined;
}
