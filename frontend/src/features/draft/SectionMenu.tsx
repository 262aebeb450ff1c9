import { useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Ellipsis, Pencil, RotateCcw, UserRoundPlus, Undo2 } from "lucide-react";
import { type RefObject, useRef, useState } from "react";
import { Menu, MenuItem, Popover } from "react-aria-components";
import { useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { faultText } from "../../ui/States";
import { Icon } from "../../ui/Icon";
import { useToast } from "../../ui/Toast";
import { assignSection, finishSection, releaseSection, type Section, sectionsKey } from "./sections";

interface Props {
  draft: string;
  heading: string;
  section: Section | undefined;
  canAssign: boolean;
  onEdit: () => void;
}

/** What may be done about who writes a section. A long text has hundreds of these, so there is only a button until it is pressed. */
export function SectionMenu(p: Props) {
  const t = useT();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const may = p.section?.abilities ?? {};
  if (!p.section && !p.canAssign) return null;
  if (p.section && !may["section.assign"] && !may["section.finish"] && !may["section.release"]) return null;
  return (
    <>
      <button ref={button} type="button" className="sec-menu" aria-label={t("section.menu", { heading: p.heading })} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(true)}>
        <Icon of={Ellipsis} small />
      </button>
      {open && <Opened {...p} button={button} onClose={() => setOpen(false)} />}
    </>
  );
}

function Opened({ draft, heading, section, canAssign, onEdit, button, onClose }: Props & { button: RefObject<HTMLButtonElement | null>; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const locale = useLocale();
  const queries = useQueryClient();
  const settled = () => queries.invalidateQueries({ queryKey: sectionsKey(draft) });
  // The menu is gone when the answer comes, so it is waited for here.
  const act = (call: Promise<Section>, done?: (s: Section) => void) => void call.then((s) => done?.(s), (e: unknown) => toast(faultText(e, locale))).finally(settled);
  const may = section?.abilities ?? {};
  const finish = (s: Section) => act(finishSection(s.id, !s.done_at), () => toast(t(s.done_at ? "section.resumed" : "section.finished")));
  const again = (s: Section) => act(assignSection(draft, s.version, s.from, { agency: s.agency.id, due_at: s.due_at, note: s.note }));
  const release = (id: string) => act(releaseSection(id), (s) => toast(t("section.released"), canAssign ? { label: t("action.undo"), act: () => again(s) } : undefined));
  return (
    <Popover className="menu" placement="bottom end" triggerRef={button} isOpen onOpenChange={(open) => !open && onClose()}>
      <Menu
        autoFocus="first"
        aria-label={t("section.menu", { heading })}
        onClose={onClose}
        onAction={(key) => {
          if (key === "edit") onEdit();
          if (key === "finish" && section) finish(section);
          if (key === "release" && section) release(section.id);
        }}
      >
        {!section || may["section.assign"] ? <MenuItem id="edit" className="mi" textValue={t(section ? "section.edit" : "section.assign")}><Icon of={section ? Pencil : UserRoundPlus} />{t(section ? "section.edit" : "section.assign")}</MenuItem> : null}
        {section && may["section.finish"] ? <MenuItem id="finish" className="mi" textValue={t(section.done_at ? "section.resume" : "section.finish")}><Icon of={section.done_at ? RotateCcw : CircleCheck} />{t(section.done_at ? "section.resume" : "section.finish")}</MenuItem> : null}
        {section && may["section.release"] ? <MenuItem id="release" className="mi" textValue={t("section.release")}><Icon of={Undo2} flip />{t("section.release")}</MenuItem> : null}
      </Menu>
    </Popover>
  );
}
