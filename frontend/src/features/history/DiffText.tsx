import { MoveUpLeft } from "lucide-react";
import { Fragment, useMemo, useState } from "react";
import type { Locale } from "../../api/types";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Icon } from "../../ui/Icon";
import { Person, Seal } from "../../ui/People";
import { type Dir, textDirection } from "../draft/editor/direction";
import { outlineOf } from "../draft/editor/outline";
import type { Block, Diff, Part, Writer } from "./api";
import { fold } from "./marks";
import { cellsOf, type Row, rowsOf } from "./rows";

interface Props {
  diff: Diff;
  side: boolean;
  dir: Dir;
  lang: Locale;
  writers: ReadonlyMap<number, Writer>;
  mine: string | undefined;
  hueOf: (by: number) => number;
  /** Whether the writer is of the agency that is filtered for; without a filter everybody is. */
  wanted: (by: number) => boolean;
  /** The block that is pointed at. */
  current: number | null;
  /** What the two texts are called, the old one first. */
  names: [string, string];
}

/** Whether a block is a change that the filter wants. */
export function isChange(b: Block, wanted: (by: number) => boolean): boolean {
  return b.kind !== "same" && b.parts.some((p) => p.text.trim() !== "") && (b.by.length === 0 || b.by.some((d) => wanted(d.by)));
}

const wordsOf = (parts: readonly Part[]) => parts.map((p) => p.text).join("");

/** What changed, paragraph by paragraph, with whoever did it. */
export function DiffText({ diff, side, dir, lang, writers, mine, hueOf, wanted, current, names }: Props) {
  const t = useT();
  const ui = useLocale() === "ar" ? "rtl" : "ltr";
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const numbers = useMemo(() => clauseNumbers(diff.blocks), [diff]);
  const rows = useMemo(() => rowsOf(diff.blocks), [diff]);
  const shown = useMemo(() => fold(diff.blocks, (b) => isChange(b, wanted), opened, rows), [diff, wanted, opened, rows]);
  return (
    <article className={`hist-d ${side ? "side" : ""}`} lang={lang} dir={dir} aria-label={t("history.diff.label")} data-from={diff.from} data-to={diff.to}>
      {side && (
        <div className="two heads">
          {names.map((n) => <bdi key={n} dir={ui}>{n}</bdi>)}
        </div>
      )}
      {shown.map((s) =>
        s.kind === "fold" ? (
          <button key={`f${s.from}`} type="button" className="same-fold" onClick={() => setOpened(new Set([...opened, s.from]))}>
            <bdi dir={ui}>{t("history.diff.same", { n: s.lines })}</bdi>
          </button>
        ) : (
          <BlockText key={s.at} at={s.at} block={diff.blocks[s.at]!} row={rows.get(s.at)} table={diff.blocks[rows.get(s.at)?.first ?? s.at]!} number={numbers.get(s.at) ?? ""} other={numbers.get(diff.blocks[s.at]!.other) ?? ""} {...{ side, dir, writers, mine, hueOf, wanted }} current={current === s.at} />
        ),
      )}
    </article>
  );
}

function BlockText({ at, block: b, row, table, number, other, side, dir, writers, mine, hueOf, wanted, current }: {
  at: number; block: Block; row: Row | undefined; table: Block; number: string; other: string; side: boolean; dir: Dir; writers: Props["writers"]; mine: Props["mine"]; hueOf: Props["hueOf"]; wanted: Props["wanted"]; current: boolean;
}) {
  const t = useT();
  const fmt = useFormat();
  const ui = useLocale() === "ar" ? "rtl" : "ltr"; // what the hub says beside a text keeps its own direction
  const change = b.kind !== "same" && (b.by.length === 0 || b.by.some((d) => wanted(d.by)));
  const hue = b.by[0] ? hueOf(b.by[0].by) : 0;
  const whole = wordsOf(b.parts);
  const level = /^ {0,3}(#{1,6})\s/.exec(whole)?.[1]?.length ?? 0;
  const own = textDirection(whole, dir) ?? dir;
  const shape = `${level ? `hd hd${Math.min(level, 3)}` : ""}`;
  const inline = (parts: Part[]) =>
    parts.map((x, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a comparison never move.
      <Fragment key={i}>
        {/* What went and what came in its place are two words: without a space Arabic letters would join across them. */}
        {i > 0 && x.op !== "=" && parts[i - 1]!.op !== "=" && parts[i - 1]!.op !== x.op && " "}
        <PartText part={x} dim={!wanted(x.by)} hue={hueOf(x.by)} />
      </Fragment>
    ));
  const p = (parts: Part[], key: string) =>
    row && !(row.kind === "rule" && b.kind === "changed") ? (
      // The columns of a table run as its first row reads, whatever stands in a cell.
      <div key={key} className={`trow ${row.kind}`} dir={textDirection(wordsOf(table.parts), dir) ?? dir}>
        {row.kind !== "rule" &&
          cellsOf(parts).map((c, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cells of a comparison never move.
            <div key={i} dir={textDirection(wordsOf(c), dir) ?? undefined}>{inline(c)}</div>
          ))}
      </div>
    ) : (
      <p key={key} className={shape} dir={own}>{inline(parts)}</p>
    );
  return (
    <section className={`blk ${change ? `chg h${hue}` : ""} ${b.kind} ${row ? "tr" : ""} ${current ? "current" : ""}`} id={`b${at}`} tabIndex={change ? -1 : undefined} data-kind={b.kind}>
      {number && <span className="num">{fmt.code(number)}</span>}
      {side ? (
        <div className={b.kind === "same" ? "two alike" : "two"}>
          <div>{b.old[1] > b.old[0] || b.kind === "moved" ? p(b.parts.filter((x) => x.op !== "+"), "a") : null}</div>
          <div>{b.new[1] > b.new[0] ? p(b.parts.filter((x) => x.op !== "-"), "b") : null}</div>
        </div>
      ) : (
        p(b.parts, "u")
      )}
      {change && !(row?.kind === "rule" && b.kind !== "changed") && (
        <div className="by">
          {b.by.slice(0, 3).map((d) => {
            const w = writers.get(d.by);
            return w ? (
              <Fragment key={d.by}>
                <Seal agency={w.agency} mine={w.agency?.id === mine} />
                <span dir={ui}>
                  <Person of={w.person} /> · {fmt.day(d.at)}
                </span>
              </Fragment>
            ) : null;
          })}
          {b.kind === "inserted" && <span className="tag line">{t(row ? "history.row.inserted" : "history.block.inserted")}</span>}
          {b.kind === "deleted" && <span className="tag line">{t(row ? "history.row.deleted" : "history.block.deleted")}</span>}
          {(b.kind === "moved" || b.kind === "moved_away") && (
            <span className="tag lapis">
              <Icon of={MoveUpLeft} small flip />
              {b.kind === "moved" ? (other ? t("history.block.moved.from", { n: fmt.code(other) }) : t("history.block.moved")) : other ? t("history.block.moved.to", { n: fmt.code(other) }) : t("history.block.moved.away")}
            </span>
          )}
        </div>
      )}
    </section>
  );
}

function PartText({ part, dim, hue }: { part: Part; dim: boolean; hue: number }) {
  // A break inside a block is shown as the sign that came or went, and as the break itself.
  const lines = part.text.split("\n");
  const inner = lines.map((l, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of a part never move.
    <Fragment key={i}>
      {i > 0 && (part.op === "=" ? <br /> : part.op === "+" ? <>¶<br /></> : "¶")}
      <Words of={l} />
    </Fragment>
  ));
  if (part.op === "=") return <>{inner}</>;
  const c = dim ? "dimmed" : `h${hue}`;
  return part.op === "+" ? <ins className={c}>{inner}</ins> : <del className={c}>{inner}</del>;
}

// The marks of a heading, addresses that nobody reads, and Latin names that must not part at their hyphen.
const pieces = /(^ {0,3}#{1,6}(?= )|\/guides\/gl_[0-9a-z]{20,}|\/files\/[0-9a-f]{64}|[A-Za-z0-9]+(?:[-\u2010][A-Za-z0-9]+)+)/;

function Words({ of }: { of: string }) {
  return of.split(pieces).map((x, i) => {
    if (i % 2 === 0) return x;
    const [cls, text] = x.startsWith("/") ? ["mk", `/${x.split("/")[1]}/…`] : [x.includes("#") ? "mk" : "md-token", x];
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line never move.
    return <span key={i} className={cls} title={text === x ? undefined : x}>{text}</span>;
  });
}

/** Clause numbers of both texts: of the new one, and of the old one for what went. */
function clauseNumbers(blocks: readonly Block[]): Map<number, string> {
  const out = new Map<number, string>();
  for (const s of ["old", "new"] as const) {
    const not = s === "old" ? "+" : "-";
    const lines: string[] = [];
    const firstLine = new Map<number, number>();
    blocks.forEach((b, i) => {
      if (b[s][1] <= b[s][0]) return;
      firstLine.set(b[s][0], i);
      lines.push(...b.parts.filter((p) => p.op !== not).map((p) => p.text).join("").split("\n"));
    });
    const starts: number[] = [];
    let at = 0;
    for (const l of lines) {
      starts.push(at);
      at += l.length + 1;
    }
    const lineAt = new Map(starts.map((x, i) => [x, i]));
    for (const c of outlineOf(lines).clauses) {
      const block = firstLine.get(lineAt.get(c.from) ?? -1);
      if (block !== undefined) out.set(block, c.number);
    }
  }
  return out;
}
