import { Ellipsis, Pencil, X } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { AgencyRef } from "../../api/types";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Layout";
import { Person, Seal, Text } from "../../ui/People";
import type { Revision, Writer } from "./api";

/** Lines about an agency and its people. */
export interface AgencyLine {
  agency: AgencyRef | null;
  added: number;
  removed: number;
  people: { writer: Writer; added: number; removed: number }[];
}

/** Groups what writers did by agency, most first; number 0 is left out. */
export function byAgency(list: readonly { by: number; added: number; removed: number }[], writers: ReadonlyMap<number, Writer>): AgencyLine[] {
  const lines = new Map<string, AgencyLine>();
  for (const c of list) {
    const w = writers.get(c.by);
    if (!w) continue;
    const id = w.agency?.id ?? "";
    const line = lines.get(id) ?? { agency: w.agency, added: 0, removed: 0, people: [] };
    line.added += c.added;
    line.removed += c.removed;
    const same = line.people.find((p) => p.writer.person.id === w.person.id);
    if (same) {
      same.added += c.added;
      same.removed += c.removed;
    } else {
      line.people.push({ writer: w, added: c.added, removed: c.removed });
    }
    lines.set(id, line);
  }
  return [...lines.values()].sort((a, b) => b.added + b.removed - a.added - a.removed);
}

/** Who changed what, in words; an agency chosen filters the page. */
export function WhoChanged({ lines, mine, agency, onAgency, removed, whole }: {
  lines: AgencyLine[];
  mine: string | undefined;
  agency: string | null;
  onAgency: (id: string | null) => void;
  /** Whether there is a column of words that went. */
  removed: boolean;
  /** Without that column: how long the text is that the others are shares of. */
  whole: number;
}) {
  const t = useT();
  const fmt = useFormat();
  const came = (n: number) => (removed ? `+${fmt.num(n)}` : fmt.pct(n / Math.max(1, whole)));
  return (
    <Section title={t(removed ? "history.who.changed" : "history.who.wrote")} aside={agency !== null && <Button tone="quiet" small onClick={() => onAgency(null)}>{t("history.filter.all")}</Button>}>
      {lines.length === 0 && <p className="meta">{t("history.who.none")}</p>}
      <ul className="who-list">
        {lines.map((l) => {
          const id = l.agency?.id ?? "";
          const on = agency === id;
          return (
            <li key={id} className={agency !== null && !on ? "dimmed" : ""}>
              <button type="button" aria-pressed={on} onClick={() => onAgency(on ? null : id)}>
                <Seal agency={l.agency} mine={id === mine} />
                <span className="p n">{came(l.added)}</span>
                {removed && <span className="m n">−{fmt.num(l.removed)}</span>}
              </button>
              <ul>
                {l.people.map((p) => (
                  <li key={p.writer.by} className="meta">
                    <Person of={p.writer.person} />
                    <span className="p n">{came(p.added)}</span>
                    {removed && <span className="m n">−{fmt.num(p.removed)}</span>}
                  </li>
                ))}
              </ul>
            </li>
          );
        })}
      </ul>
      {lines.length > 0 && <p className="meta">{t("history.who.hint")}</p>}
    </Section>
  );
}

/** What a revision is called. */
export function useRevisionName(): (r: Revision) => string {
  const t = useT();
  const fmt = useFormat();
  return (r) => {
    switch (r.kind) {
      case "named":
        return r.name;
      case "began":
        return r.origin ? t("history.rev.origin", { n: fmt.code(r.origin.number) }) : t("history.rev.began");
      case "step":
        return translateOr(`history.step.${r.step}`, translateOr(`edition.step.${r.step}`, r.step));
      case "before_restore":
        return t("history.rev.before");
      case "restored":
        return t("history.rev.restored");
    }
  };
}

/** The moments that are worth finding again, newest first. */
export function Revisions({ list, head, from, to, canName, onCompare, onName, onRename, onUnname }: {
  list: readonly Revision[];
  head: number;
  from: number;
  to: number;
  canName: boolean;
  /** From the revision to the head, or to it when it is the head. */
  onCompare: (version: number) => void;
  onName: () => void;
  onRename: (r: Revision) => void;
  onUnname: (r: Revision) => void;
}) {
  const t = useT();
  const fmt = useFormat();
  const nameOf = useRevisionName();
  const [all, setAll] = useState(false);
  const rows = [...list].reverse();
  const shown = all ? rows : rows.slice(0, 12);
  return (
    <Section title={t("history.revisions")} aside={canName && <Button small onClick={onName}>{t("history.name")}</Button>}>
      <ul className="rev-list">
        <li>
          <button type="button" aria-current={to === head ? "true" : undefined} onClick={() => onCompare(head)}>
            <b>{t("history.now")}</b>
          </button>
        </li>
        {shown.map((r) => (
          <li key={r.id || `${r.kind}${r.version}${r.at}`} className={r.abilities?.["revision.rename"] ? "with-menu" : ""}>
            <button type="button" aria-current={r.version === from || (r.version === to && to !== head) ? "true" : undefined} onClick={() => onCompare(r.version)}>
              <b><Text of={nameOf(r)} /></b>
              {(r.kind === "step" || r.origin) && <span className={`tag ${/publish/.test(r.step) || r.origin ? "agree" : "line"}`}>{t(r.origin || /publish/.test(r.step) ? "history.tag.published" : "history.tag.step")}</span>}
              <span className="meta">
                {r.person && (
                  <>
                    <Person of={r.person} /> ·{" "}
                  </>
                )}
                {fmt.moment(r.origin?.published_at ?? r.at)}
              </span>
            </button>
            {r.abilities?.["revision.rename"] && (
              <MenuTrigger>
                <AriaButton className="rev-menu" aria-label={t("history.menu", { name: r.name })}>
                  <Icon of={Ellipsis} small />
                </AriaButton>
                <Popover className="menu" placement="bottom end">
                  <Menu onAction={(key) => (key === "rename" ? onRename(r) : onUnname(r))}>
                    <MenuItem id="rename" className="mi" textValue={t("history.rename")}><Icon of={Pencil} />{t("history.rename")}</MenuItem>
                    <MenuItem id="unname" className="mi" textValue={t("history.unname")}><Icon of={X} />{t("history.unname")}</MenuItem>
                  </Menu>
                </Popover>
              </MenuTrigger>
            )}
          </li>
        ))}
      </ul>
      {rows.length > shown.length && <Button tone="quiet" small onClick={() => setAll(true)}>{t("history.revisions.all", { n: rows.length })}</Button>}
    </Section>
  );
}
