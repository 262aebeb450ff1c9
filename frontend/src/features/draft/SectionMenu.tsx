import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Ellipsis, Pencil, RotateCcw, UserRoundPlus, Undo2 } from "lucide-react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { faultText } from "../../ui/States";
import { Icon } from "../../ui/Icon";
import { useToast } from "../../ui/Toast";
import { assignSection, finishSection, releaseSection, type Section, sectionsKey } from "./sections";

/** What may be done about who writes a section. */
export function SectionMenu({ draft, heading, section, canAssign, onEdit }: {
  draft: string;
  heading: string;
  section: Section | undefined;
  canAssign: boolean;
  onEdit: () => void;
}) {
  const t = useT();
  const toast = useToast();
  const locale = useLocale();
  const queries = useQueryClient();
  const settle = { onSettled: () => queries.invalidateQueries({ queryKey: sectionsKey(draft) }), onError: (e: unknown) => toast(faultText(e, locale)) };
  const finish = useMutation({ mutationFn: (done: boolean) => finishSection(section?.id ?? "", done), onSuccess: (_s, done) => toast(t(done ? "section.finished" : "section.resumed")), ...settle });
  const again = useMutation({ mutationFn: (s: Section) => assignSection(draft, s.version, s.from, { agency: s.agency.id, due_at: s.due_at, note: s.note }), ...settle });
  const release = useMutation({ mutationFn: () => releaseSection(section?.id ?? ""), onSuccess: (s) => toast(t("section.released"), canAssign ? { label: t("action.undo"), act: () => void again.mutate(s) } : undefined), ...settle });
  const may = section?.abilities ?? {};
  if (!section && !canAssign) return null;
  if (section && !may["section.assign"] && !may["section.finish"] && !may["section.release"]) return null;
  return (
    <MenuTrigger>
      <AriaButton className="sec-menu" aria-label={t("section.menu", { heading })}>
        <Icon of={Ellipsis} small />
      </AriaButton>
      <Popover className="menu" placement="bottom end">
        <Menu
          onAction={(key) => {
            if (key === "edit") onEdit();
            if (key === "finish") finish.mutate(!section?.done_at);
            if (key === "release") release.mutate();
          }}
        >
          {!section || may["section.assign"] ? <MenuItem id="edit" className="mi" textValue={t(section ? "section.edit" : "section.assign")}><Icon of={section ? Pencil : UserRoundPlus} />{t(section ? "section.edit" : "section.assign")}</MenuItem> : null}
          {section && may["section.finish"] ? <MenuItem id="finish" className="mi" textValue={t(section.done_at ? "section.resume" : "section.finish")}><Icon of={section.done_at ? RotateCcw : CircleCheck} />{t(section.done_at ? "section.resume" : "section.finish")}</MenuItem> : null}
          {section && may["section.release"] ? <MenuItem id="release" className="mi" textValue={t("section.release")}><Icon of={Undo2} flip />{t("section.release")}</MenuItem> : null}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
