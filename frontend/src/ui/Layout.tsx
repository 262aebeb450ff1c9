import { PanelLeft, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useT } from "../locales/i18n";
import { Icon } from "./Icon";

/**
 * The two columns of a page: the matn, its substance, and the hashiya, what is said of it. On middle widths the
 * hashiya is a drawer, on a phone it follows the matn.
 */
export function Columns({ matn, hashiya, label, className = "" }: {
  matn: ReactNode;
  hashiya: ReactNode;
  /** What the margin holds, for its landmark. */
  label: string;
  className?: string;
}) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <div className={`shell ${className}`}>
      <button type="button" className="btn sm drawer-btn" aria-expanded={open} aria-controls="hashiya" onClick={() => setOpen(!open)}>
        <Icon of={PanelLeft} small flip />
        {label}
      </button>
      <main className="matn" id="matn" tabIndex={-1}>
        {matn}
      </main>
      <aside
        className={`hashiya drawer ${open ? "open" : ""}`}
        id="hashiya"
        tabIndex={-1}
        aria-label={t("layout.hashiya", { what: label })}
        onKeyDown={(e) => {
          if (e.key === "Escape") setOpen(false);
        }}
      >
        <button type="button" className="iconbtn drawer-close" aria-label={t("action.close")} onClick={() => setOpen(false)}>
          <Icon of={X} />
        </button>
        {hashiya}
      </aside>
    </div>
  );
}

/** A page of one column. */
export function Single({ children, className = "" }: { children: ReactNode; className?: string }) {
  return (
    <main className={`matn ${className}`} id="matn" tabIndex={-1}>
      {children}
    </main>
  );
}

/** A section opened by the heavy and the hair rule. */
export function Section({ title, aside, className = "", children }: {
  title: ReactNode;
  aside?: ReactNode;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <section className={`sect ${className}`}>
      <div className="jadwal" />
      <div className="sh row between wrap">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
