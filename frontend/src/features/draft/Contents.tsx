import { Check, CircleDashed } from "lucide-react";
import type { Edition } from "../../api/types";
import { known, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { Icon } from "../../ui/Icon";
import { Text } from "../../ui/People";
import type { Anchor } from "./editor/anchors";
import type { Scan } from "./editor/clauses";
import type { Heading } from "./editor/outline";

/** The headings of the draft with their open comments, and what the next step waits for. */
export function Contents({ scan, anchors, at, onGo, edition, onShowBlocking }: {
  scan: Scan | null;
  anchors: readonly Anchor[];
  /** Position that is in view. */
  at: number;
  onGo: (h: Heading) => void;
  edition: Edition;
  onShowBlocking: () => void;
}) {
  const t = useT();
  const fmt = useFormat();
  const headings = scan?.outline.headings ?? [];
  const counts = headings.map((h, i) => {
    // A section counts its subsections; a subsection only itself.
    const end = headings.slice(i + 1).find((x) => x.level <= h.level)?.from ?? Number.POSITIVE_INFINITY;
    return anchors.filter((a) => a.open && a.from >= h.from && a.from < end).length;
  });
  let here = -1;
  for (let i = 0; i < headings.length; i++) if (headings[i]!.from <= at) here = i;
  const gates = edition.gates ?? [];
  return (
    <nav className="toc" aria-label={t("draft.contents")}>
      <h2>{t("draft.contents.title")}</h2>
      {headings.length === 0 && <p className="meta">{t("draft.contents.empty")}</p>}
      <ol>
        {headings.map((h, i) => (
          <li key={h.from}>
            <button type="button" className={`${h.level > 2 ? "sub" : ""} ${i === here ? "on" : ""}`} aria-current={i === here ? "location" : undefined} onClick={() => onGo(h)}>
              <span className="num">{h.number ? fmt.code(h.number) : ""}</span>
              <span dir="auto">{h.text}</span>
              <span className="cm">
                {counts[i]! > 0 && (
                  <>
                    <span aria-hidden="true">{fmt.num(counts[i]!)}</span>
                    <span className="vh">{t("draft.contents.threads", { n: counts[i]! })}</span>
                  </>
                )}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {gates.length > 0 && (
        <section className="gates">
          <div className="jadwal" />
          <h2>{t("draft.needs")}</h2>
          <ul>
            {gates.map((g) => {
              const id = `draft.gate.${g.code}`;
              return (
                <li key={g.code}>
                  <span className={g.met ? "c-agree" : "c-due"}>
                    <Icon of={g.met ? Check : CircleDashed} small label={t(g.met ? "draft.gate.met" : "draft.gate.open")} />
                  </span>
                  <span>
                    {g.text ? <Text of={g.text} /> : known(id) ? t(id, { n: g.count ?? 0 }) : g.code}{" "}
                    {g.code === "blocking_threads" && !g.met && (
                      <button type="button" className="linklike" onClick={onShowBlocking}>
                        {t("draft.needs.show")}
                      </button>
                    )}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </nav>
  );
}
