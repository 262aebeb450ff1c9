import { createContext, useContext, useId, useRef, useState } from "react";
import type { AgencyRef, PersonRef } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { textDirection } from "./editor/direction";

/** Somebody who can be mentioned. */
export interface Mentionable {
  id: string;
  name: string;
  meta: string;
}

/** Looks among the people of the hub for those who may be mentioned here; who is found joins the names. */
export const Seek = createContext<(words: string) => void>(() => {});

/** People as the mention list offers them, each once. */
export function mentionables(people: { person: PersonRef; agency: Pick<AgencyRef, "short"> | null }[], locale: "ar" | "en"): Mentionable[] {
  const out = new Map<string, Mentionable>();
  for (const p of people) out.set(p.person.id, { id: p.person.id, name: pick(p.person.name, locale), meta: p.agency ? pick(p.agency.short, locale) : "" });
  return [...out.values()].filter((m) => m.name !== "");
}

/**
 * A text area in which @ offers names. Its side follows what is written, by the function the sent comment uses, so that a
 * text does not change sides when it is sent.
 */
export function Composer({ label, hint, value, onChange, names, onSubmit, rows = 3, autoFocus }: {
  label: string;
  hint?: string;
  value: string;
  onChange: (body: string) => void;
  names: Mentionable[];
  onSubmit: () => void;
  rows?: number;
  autoFocus?: boolean;
}) {
  const t = useT();
  const locale = useLocale();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [query, setQuery] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const seek = useContext(Seek);
  const matches = query === null ? [] : names.filter((m) => fold(m.name).includes(fold(query)) || fold(m.meta).includes(fold(query))).slice(0, 6);
  const openList = matches.length > 0;

  const look = (el: HTMLTextAreaElement) => {
    const before = el.value.slice(0, el.selectionStart);
    const m = /(?:^|\s)@([\p{L}\p{N}_-]{0,30})$/u.exec(before);
    setQuery(m ? m[1]! : null);
    setChosen(0);
    if (m?.[1]) seek(m[1]);
  };
  const insert = (m: Mentionable) => {
    const el = area.current;
    if (!el) return;
    const end = el.selectionStart;
    const begin = el.value.lastIndexOf("@", end - 1);
    const text = `${el.value.slice(0, begin)}@${m.name} `;
    onChange(text + el.value.slice(end));
    setQuery(null);
    requestAnimationFrame(() => el.setSelectionRange(text.length, text.length));
  };

  return (
    <div className="composer">
      <label className="lab" htmlFor={id}>
        {label}
      </label>
      {hint && (
        <span className="hint" id={`${id}-h`}>
          {hint}
        </span>
      )}
      <textarea
        id={id}
        ref={area}
        className="input text"
        rows={rows}
        dir={textDirection(value, locale === "ar" ? "rtl" : "ltr") ?? (locale === "ar" ? "rtl" : "ltr")}
        value={value}
        // biome-ignore lint/a11y/noAutofocus: it opens because the person asked to write.
        autoFocus={autoFocus}
        aria-describedby={hint ? `${id}-h` : undefined}
        role="combobox"
        aria-expanded={openList}
        aria-controls={`${id}-l`}
        aria-autocomplete="list"
        aria-activedescendant={openList ? `${id}-${chosen}` : undefined}
        onChange={(e) => {
          onChange(e.target.value);
          look(e.target);
        }}
        onBlur={() => setQuery(null)}
        onKeyDown={(e) => {
          if (openList) {
            if (e.key === "ArrowDown" || e.key === "ArrowUp") {
              e.preventDefault();
              setChosen((c) => (c + (e.key === "ArrowDown" ? 1 : matches.length - 1)) % matches.length);
              return;
            }
            if (e.key === "Enter" || e.key === "Tab") {
              e.preventDefault();
              insert(matches[chosen]!);
              return;
            }
            if (e.key === "Escape") {
              e.stopPropagation();
              setQuery(null);
              return;
            }
          }
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
            e.preventDefault();
            onSubmit();
          }
        }}
      />
      {openList && (
        <div className="mentions" id={`${id}-l`} role="listbox" aria-label={t("thread.mentions")}>
          {matches.map((m, i) => (
            // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the text area; the choice is announced through aria-activedescendant.
            <div key={m.id} id={`${id}-${i}`} role="option" aria-selected={i === chosen} onMouseDown={(e) => (e.preventDefault(), insert(m))}>
              <bdi>{m.name}</bdi> <span className="meta"><bdi>{m.meta}</bdi></span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** Ids of those whose names stand in a text after @. */
export function mentioned(body: string, names: Mentionable[]): string[] {
  return names.filter((m) => body.includes(`@${m.name}`)).map((m) => m.id);
}

function fold(s: string): string {
  return s.toLowerCase().replace(/[\u064b-\u0652\u0640]/g, "").replace(/[أإآ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه");
}
