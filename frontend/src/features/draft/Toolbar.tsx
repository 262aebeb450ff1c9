import { redo, undo } from "@codemirror/commands";
import { openSearchPanel } from "@codemirror/search";
import type { StateCommand } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { Bold, Heading2, Link2, List, ListOrdered, type LucideIcon, MessageSquarePlus, Quote, Redo2, Search, Table as TableIcon, Undo2 } from "lucide-react";
import { type ReactNode, useRef, useSyncExternalStore } from "react";
import { useT } from "../../locales/i18n";
import { Icon } from "../../ui/Icon";
import type { Ticker } from "./ticker";
import { active, bold, bulletList, heading, link, numberedList, quote, table } from "./editor/commands";

interface Tool {
  key: string;
  icon: LucideIcon;
  label: string;
  keys?: string;
  pressed?: boolean;
  flip?: boolean;
  run: StateCommand | (() => void);
}

/** The tools of the text. One tab stop; arrow keys move along it with the reading direction. */
export function Toolbar({ view, write, canComment, onComment, start, ticker }: {
  view: EditorView | null;
  write: boolean;
  canComment: boolean;
  onComment: () => void;
  start: ReactNode;
  ticker: Ticker;
}) {
  const t = useT();
  const bar = useRef<HTMLDivElement>(null);
  // The caret moves with every key; the bar renders again only when what it stands in changes.
  const marks = useSyncExternalStore(ticker.subscribe, () => (view && write ? active(view.state) : ""));
  const on = new Set(marks.split(" "));
  const mod = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl+";
  const tools: (Tool | null)[] = write
    ? [
        { key: "heading", icon: Heading2, label: t("draft.tool.heading"), keys: `${mod}Alt+2`, pressed: on.has("heading"), run: heading(2) },
        { key: "bold", icon: Bold, label: t("draft.tool.bold"), keys: `${mod}B`, pressed: on.has("bold"), run: bold },
        { key: "bullets", icon: List, label: t("draft.tool.bullets"), keys: `${mod}Shift+8`, pressed: on.has("bullets"), run: bulletList, flip: true },
        { key: "numbers", icon: ListOrdered, label: t("draft.tool.numbers"), keys: `${mod}Shift+7`, pressed: on.has("numbers"), run: numberedList },
        { key: "table", icon: TableIcon, label: t("draft.tool.table"), run: table({ heading: t("draft.table.heading"), cell: t("draft.table.cell") }) },
        { key: "link", icon: Link2, label: t("draft.tool.link"), keys: `${mod}K`, pressed: on.has("link"), run: link },
        { key: "quote", icon: Quote, label: t("draft.tool.quote"), keys: `${mod}Shift+9`, pressed: on.has("quote"), run: quote },
        null,
        { key: "undo", icon: Undo2, label: t("draft.tool.undo"), keys: `${mod}Z`, run: undo, flip: true },
        { key: "redo", icon: Redo2, label: t("draft.tool.redo"), keys: `${mod}Y`, run: redo, flip: true },
      ]
    : [];
  tools.push(null, { key: "find", icon: Search, label: t("draft.tool.find"), keys: `${mod}F`, run: () => void (view && openSearchPanel(view)) });
  if (canComment) tools.push({ key: "comment", icon: MessageSquarePlus, label: t("draft.tool.comment"), keys: `${mod}Alt+M`, run: onComment });
  let firstTool = true;
  return (
    <div className="tools">
      {start}
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
          return (
            <button
              key={tool.key}
              type="button"
              className="t"
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
                if (tool.key !== "find" && tool.key !== "comment") view.focus();
              }}
            >
              <Icon of={tool.icon} flip={tool.flip} />
            </button>
          );
        })}
      </div>
    </div>
  );
}
