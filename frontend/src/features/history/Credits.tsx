import { useQuery } from "@tanstack/react-query";
import type { AgencyRef } from "../../api/types";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Person, Seal } from "../../ui/People";
import { type Section, versionQuery, type Writer } from "./api";

interface Row {
  section: Section;
  /** Words by agency id; "" is what the draft began with. */
  by: Map<string, number>;
  all: number;
}

/** Who wrote how many words of each section, and of the whole. */
export function Credits({ draft, version, writers, mine }: { draft: string; version: number; writers: ReadonlyMap<number, Writer>; mine: string | undefined }) {
  const t = useT();
  const fmt = useFormat();
  const text = useQuery(versionQuery(draft, version));
  if (text.isPending) return <Skeleton rows={6} />;
  if (text.isError) return <ErrorState fault={text.error} retry={() => void text.refetch()} />;
  const known = new Map(writers);
  for (const w of text.data.writers) known.set(w.by, w);
  const agencies = new Map<string, AgencyRef | null>();
  const totals = new Map<string, number>();
  const people = new Map<number, number>();
  const rows: Row[] = text.data.sections.map((section) => {
    const by = new Map<string, number>();
    let all = 0;
    for (const s of section.shares) {
      const w = known.get(s.by);
      const id = w?.agency?.id ?? "";
      agencies.set(id, w?.agency ?? null);
      by.set(id, (by.get(id) ?? 0) + s.words);
      totals.set(id, (totals.get(id) ?? 0) + s.words);
      if (w) people.set(s.by, (people.get(s.by) ?? 0) + s.words);
      all += s.words;
    }
    return { section, by, all };
  });
  const whole = rows.reduce((n, r) => n + r.all, 0);
  const columns = [...totals.entries()].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  if (whole === 0) return <Empty title={t("history.credits.none")} />;
  return (
    <div className="credits">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, also by keyboard. */}
      <section className="tw" tabIndex={0} aria-label={t("history.credits.title")}>
        <table className="reg">
          <caption className="vh">{t("history.credits.title")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("history.credits.section")}</th>
              {columns.map((id) => (
                <th key={id} scope="col">
                  {id ? <Seal agency={agencies.get(id)} mine={id === mine} /> : <span className="meta">{t("history.credits.base")}</span>}
                </th>
              ))}
              <th scope="col">{t("history.credits.all")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.section.from}>
                <th scope="row" className={`lv${Math.min(3, r.section.level)}`}>
                  <bdi className="text">{r.section.title || t("history.credits.preface")}</bdi>
                </th>
                {columns.map((id) => (
                  <td key={id} className="n">{r.by.get(id) ? fmt.num(r.by.get(id)!) : "–"}</td>
                ))}
                <td className="n">{fmt.num(r.all)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t("history.credits.all")}</th>
              {columns.map((id) => (
                <td key={id} className="n">
                  {fmt.num(totals.get(id)!)} <span className="meta">{fmt.pct(totals.get(id)! / whole)}</span>
                </td>
              ))}
              <td className="n">{fmt.num(whole)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      <h3>{t("history.credits.people")}</h3>
      <ul className="people">
        {[...people.entries()].sort((a, b) => b[1] - a[1]).map(([by, n]) => {
          const w = known.get(by)!;
          return (
            <li key={by}>
              <b><Person of={w.person} /></b>
              <Seal agency={w.agency} mine={w.agency?.id === mine} />
              <span className="n">{t("history.words", { n })}</span>
              <span className="meta n">{fmt.pct(n / whole)}</span>
            </li>
          );
        })}
      </ul>
      <p className="meta">{t("history.credits.hint")}</p>
    </div>
  );
}
