import { redo, undo } from "@codemirror/commands";
import { openSearchPanel } from "@codemirror/search";
import type { StateCommand } from "@codemirror/state";
import type { Command, EditorView } from "@codemirror/view";
import {
  AlignCenter, AlignLeft, AlignRight, ArrowDownToLine, ArrowLeftToLine, ArrowRightToLine, ArrowUpToLine, BetweenHorizontalEnd, BetweenHorizontalStart, BetweenVerticalEnd, BetweenVerticalStart, Bold, Columns2, Heading2, Heading3, ImagePlus, Keyboard, Link2, List, ListOrdered,
  type LucideIcon, MessageSquarePlus, MessageSquareWarning, PilcrowLeft, Quote, Redo2, Rows2, Search, SpellCheck, Superscript, Table as TableIcon, Undo2,
} from "lucide-react";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useT } from "../../locales/i18n";
import { Icon } from "../../ui/Icon";
import type { Ticker } from "./ticker";
import { callout, footnote, turnLines } from "./editor/blocks";
import { active, bold, bulletList, heading, numberedList, quote, table } from "./editor/commands";
import { insertImages, isImage } from "./editor/images";
import { linkTo } from "./editor/links";
import { addColumn, addColumnBefore, addRow, addRowAbove, align, moveColumn, moveRow, removeColumn, removeRow } from "./editor/tables";
import { setSpelling } from "./editor/view";

interface Tool {
  key: string;
  icon: LucideIcon;
  label: string;
  keys?: string;
  pressed?: boolean;
  flip?: boolean;
  /** Takes something away. */
  drop?: boolean;
  run: StateCommand | Command | (() => void);
}

// Where the tool itself takes the focus.
const leaves = new Set(["find", "comment", "image", "keys"]);
const spellingKey = "spelling";

/** The tools of the text. One tab stop; arrow keys move along it with the reading direction. */
export function Toolbar({ view, write, canComment, onComment, onHelp, start, ticker }: {
  view: EditorView | null;
  write: boolean;
  canComment: boolean;
  onComment: () => void;
  onHelp: () => void;
  start: ReactNode;
  ticker: Ticker;
}) {
  const t = useT();
  const bar = useRef<HTMLDivElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [spelling, setChecked] = useState(() => localStorage.getItem(spellingKey) === "on");
  useEffect(() => {
    if (view) setSpelling(view, spelling);
  }, [view, spelling]);
  // The caret moves with every key; the bar renders again only when what it stands in changes.
  const marks = useSyncExternalStore(ticker.subscribe, () => (view && write ? active(view.state) : ""));
  const on = new Set(marks.split(" "));
  // A table has a side of its own, whatever the page's.
  const rtl = on.has("rtl");
  const mod = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl+";
  const tools: (Tool | null)[] = write
    ? [
        { key: "heading", icon: Heading2, label: t("draft.tool.heading"), keys: `${mod}Alt+2`, pressed: on.has("heading"), run: heading(2) },
        { key: "h3", icon: Heading3, label: t("draft.tool.h3"), keys: `${mod}Alt+3`, pressed: on.has("h3"), run: heading(3) },
        null,
        { key: "bold", icon: Bold, label: t("draft.tool.bold"), keys: `${mod}B`, pressed: on.has("bold"), run: bold },
        { key: "bullets", icon: List, label: t("draft.tool.bullets"), keys: `${mod}Shift+8`, pressed: on.has("bullets"), run: bulletList, flip: true },
        { key: "numbers", icon: ListOrdered, label: t("draft.tool.numbers"), keys: `${mod}Shift+7`, pressed: on.has("numbers"), run: numberedList },
        { key: "quote", icon: Quote, label: t("draft.tool.quote"), keys: `${mod}Shift+9`, pressed: on.has("quote"), run: quote },
        { key: "callout", icon: MessageSquareWarning, label: t("draft.tool.callout"), keys: `${mod}Alt+N`, run: callout("NOTE") },
        null,
        { key: "link", icon: Link2, label: t("draft.tool.link"), keys: `${mod}K`, pressed: on.has("link"), run: linkTo },
        { key: "image", icon: ImagePlus, label: t("draft.tool.image"), run: () => picker.current?.click() },
        { key: "footnote", icon: Superscript, label: t("draft.tool.footnote"), keys: `${mod}Alt+F`, run: footnote },
        { key: "table", icon: TableIcon, label: t("draft.tool.table"), pressed: on.has("table"), run: table({ heading: t("draft.table.heading"), cell: t("draft.table.cell") }) },
        { key: "turn", icon: PilcrowLeft, label: t("draft.tool.turn"), keys: `${mod}Alt+D`, run: turnLines, flip: true },
        null,
        { key: "undo", icon: Undo2, label: t("draft.tool.undo"), keys: `${mod}Z`, run: undo, flip: true },
        { key: "redo", icon: Redo2, label: t("draft.tool.redo"), keys: `${mod}Y`, run: redo, flip: true },
      ]
    : [];
  tools.push(null, { key: "find", icon: Search, label: t("draft.tool.find"), keys: `${mod}F`, run: () => void (view && openSearchPanel(view)) });
  if (write) {
    tools.push({
      key: "spell", icon: SpellCheck, label: t("draft.tool.spell"), pressed: spelling, run: () => {
        localStorage.setItem(spellingKey, spelling ? "off" : "on");
        setChecked(!spelling);
      },
    });
  }
  tools.push({ key: "keys", icon: Keyboard, label: t("draft.tool.keys"), keys: `${mod}/`, run: onHelp });
  if (canComment) tools.push({ key: "comment", icon: MessageSquarePlus, label: t("draft.tool.comment"), keys: `${mod}Alt+M`, run: onComment });
  const tableTools: Tool[] = on.has("table") && write
    ? [
        { key: "rowAdd", icon: BetweenHorizontalEnd, label: t("draft.table.rowAdd"), keys: `${mod}Enter`, run: addRow },
        { key: "rowAbove", icon: BetweenHorizontalStart, label: t("draft.table.rowAbove"), keys: `${mod}Shift+Enter`, run: addRowAbove },
        { key: "rowUp", icon: ArrowUpToLine, label: t("draft.table.rowUp"), keys: "Alt+↑", run: moveRow(-1) },
        { key: "rowMove", icon: ArrowDownToLine, label: t("draft.table.rowDown"), keys: "Alt+↓", run: moveRow(1) },
        { key: "rowDrop", icon: Rows2, label: t("draft.table.rowDrop"), run: removeRow, drop: true },
        { key: "colAdd", icon: BetweenVerticalEnd, label: t("draft.table.colAdd"), run: addColumn, flip: true },
        { key: "colBefore", icon: BetweenVerticalStart, label: t("draft.table.colBefore"), run: addColumnBefore, flip: true },
        { key: "colBack", icon: rtl ? ArrowRightToLine : ArrowLeftToLine, label: t("draft.table.colBack"), keys: rtl ? "Alt+Shift+→" : "Alt+Shift+←", run: moveColumn(-1) },
        { key: "colMove", icon: rtl ? ArrowLeftToLine : ArrowRightToLine, label: t("draft.table.colMove"), keys: rtl ? "Alt+Shift+←" : "Alt+Shift+→", run: moveColumn(1) },
        { key: "colDrop", icon: Columns2, label: t("draft.table.colDrop"), run: removeColumn, drop: true },
        { key: "alignStart", icon: rtl ? AlignRight : AlignLeft, label: t("draft.table.start"), run: align("start") },
        { key: "alignCenter", icon: AlignCenter, label: t("draft.table.center"), run: align("center") },
      ]
    : [];
  const button = (tool: Tool, stop: boolean) => (
    <button
      key={tool.key}
      type="button"
      className={tool.drop ? "t drop" : "t"}
      tabIndex={stop ? 0 : -1}
      aria-label={tool.label}
      aria-pressed={tool.pressed}
      title={tool.keys ? `${tool.label} \u2066${tool.keys}\u2069` : tool.label}
      disabled={!view}
      onMouseDown={(e) => e.preventDefault()}
      onClick={() => {
        if (!view) return;
        const run = tool.run as (v: EditorView) => unknown;
        run(view);
        if (!leaves.has(tool.key)) view.focus();
      }}
    >
      <Icon of={tool.icon} flip={tool.flip} />
    </button>
  );
  let firstTool = true;
  return (
    <div className="tools">
      {start}
      <input
        ref={picker}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        multiple
        hidden
        aria-label={t("draft.tool.image")}
        onChange={(e) => {
          const files = [...(e.target.files ?? [])].filter(isImage);
          e.target.value = "";
          if (!view) return;
          view.focus();
          void insertImages(view, files, view.state.selection.main.head);
        }}
      />
      <div
        ref={bar}
        className="tool-row"
        role="toolbar"
        aria-label={t("draft.tool.bar")}
        onKeyDown={(e) => {
          const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
          if (step === 0 || !bar.current) return;
          const rtl = getComputedStyle(bar.current).direction === "rtl";
          const all = [...bar.current.querySelectorAll<HTMLButtonElement>("button")];
          const i = all.indexOf(document.activeElement as HTMLButtonElement);
          const next = all[(i + (rtl ? -step : step) + all.length) % all.length];
          for (const b of all) b.tabIndex = b === next ? 0 : -1;
          next?.focus();
          e.preventDefault();
        }}
      >
        {tools.map((tool, i) => {
          // biome-ignore lint/suspicious/noArrayIndexKey: separators do not move.
          if (!tool) return <i key={`sep${i}`} className="sep" />;
          const stop = firstTool;
          firstTool = false;
          return button(tool, stop);
        })}
      </div>
      {tableTools.length > 0 && (
        <div className="table-tools" role="toolbar" aria-label={t("draft.keys.tables")}>
          {tableTools.map((tool) => button(tool, true))}
        </div>
      )}
    </div>
  );
}
