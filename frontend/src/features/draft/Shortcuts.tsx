import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";

/** What the keys do, in words. Keys are written as they stand on the keyboard, left to right. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const t = useT();
  const mac = /Mac|iP/.test(navigator.platform);
  const mod = mac ? "⌘" : "Ctrl+";
  const alt = mac ? "⌥" : "Alt+";
  const shift = mac ? "⇧" : "Shift+";
  const groups: [string, [string, string][]][] = [
    [t("draft.keys.text"), [
      [`${mod}B`, t("draft.tool.bold")], [`${mod}I`, t("draft.keys.emphasis")], [`${mod}E`, t("draft.keys.code")], [`${mod}${alt}1–4`, t("draft.keys.headings")],
      [`${mod}${shift}8`, t("draft.tool.bullets")], [`${mod}${shift}7`, t("draft.tool.numbers")], [`${mod}${shift}9`, t("draft.tool.quote")],
      [`${mod}${alt}N`, t("draft.tool.callout")], [`${mod}${alt}D`, t("draft.tool.turn")],
    ]],
    [t("draft.keys.links"), [
      [`${mod}K`, t("draft.tool.link")], ["[[", t("draft.keys.wiki")], [`${mod}${alt}F`, t("draft.tool.footnote")], [`${mod}${alt}M`, t("draft.tool.comment")],
      [`${mod}V`, t("draft.keys.paste")], [`${mod}${shift}V`, t("draft.keys.plain")],
    ]],
    [t("draft.keys.tables"), [
      ["Tab", t("draft.keys.next")], [`${shift}Tab`, t("draft.keys.previous")], ["Enter", t("draft.keys.below")], [`${alt}↑ ↓`, t("draft.table.rowMove")],
      [`${mod}Enter`, t("draft.keys.row")], [`${alt}${shift}← →`, t("draft.keys.column")],
    ]],
    [t("draft.keys.page"), [
      [`${mod}Z`, t("draft.tool.undo")], [`${mod}Y`, t("draft.tool.redo")], [`${mod}F`, t("draft.tool.find")], [`${alt}↓ ↑`, t("draft.keys.threads.anywhere")], ["J K", t("draft.keys.threads")], [`${alt}Enter`, t("draft.keys.threads.enter")], ["Esc", t("draft.keys.threads.back")], [`${mod}.`, t("draft.keys.term")], [`${mod}/`, t("draft.tool.keys")],
    ]],
  ];
  return (
    <Dialog title={t("draft.tool.keys")} onClose={onClose} wide>
      <div className="keys">
        {groups.map(([name, rows]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {rows.map(([keys, what]) => (
                <div key={keys}>
                  <dt><kbd dir="ltr" lang="en">{keys}</kbd></dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="row">
        <Button onClick={onClose}>{t("action.close")}</Button>
      </div>
    </Dialog>
  );
}
