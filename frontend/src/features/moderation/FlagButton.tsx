import { useMutation } from "@tanstack/react-query";
import { Flag } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Select } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { flag } from "./api";

const reasons = ["off_topic", "offensive", "personal_data", "confidential", "misleading", "spam", "other"] as const;

/** Brings something a person wrote before the moderators; object is its id. Beside words it is a sign only. */
export function FlagButton({ object, bare = false }: { object: string; bare?: boolean }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      {bare ? (
        <button type="button" className="iconbtn" aria-label={t("flag.action")} title={t("flag.action")} onClick={(e) => (e.stopPropagation(), setOpen(true))}>
          <Icon of={Flag} small />
        </button>
      ) : (
        <Button small tone="quiet" onClick={() => setOpen(true)}><Icon of={Flag} small />{t("flag.action")}</Button>
      )}
      {open && <FlagDialog object={object} close={() => setOpen(false)} />}
    </>
  );
}

function FlagDialog({ object, close }: { object: string; close: () => void }) {
  const t = useT();
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () => flag(object, reason, text.trim()),
    onSuccess: () => {
      toast(t("flag.sent"));
      close();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending && reason) send.mutate();
  };
  const f = send.error;
  return (
    <Dialog title={t("flag.title")} onClose={close}>
      <form className="form" onSubmit={submit}>
        <p>{t("flag.text")}</p>
        {f && <FaultNote fault={f} />}
        <Select
          label={t("flag.reason")}
          required
          value={reason}
          error={fieldError(f, "reason")}
          onChange={(e) => setReason(e.target.value)}
          options={[{ value: "", label: t("flag.reason.pick") }, ...reasons.map((r) => ({ value: r, label: t(`moderation.reason.${r}`) }))]}
        />
        <Area label={t("flag.note")} hint={reason === "other" ? undefined : t("form.optional")} required={reason === "other"} rows={3} value={text} error={fieldError(f, "text")} onChange={(e) => setText(e.target.value)} />
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending} disabled={!reason}>{t("flag.send")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
