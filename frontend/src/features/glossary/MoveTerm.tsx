import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { Text } from "../../ui/People";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { moveTerm, type Term, type TermState, termsKey } from "./api";

/** Approves a term, or rejects or retires it with a reason. */
export function MoveTerm({ term, to, close }: { term: Term; to: TermState; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [note, setNote] = useState("");
  const send = useMutation({
    mutationFn: () => moveTerm(term, to, note),
    onSuccess: () => {
      if (to !== "proposed") toast(t(`glossary.done.${to}`));
      close();
    },
    onSettled: () => client.invalidateQueries({ queryKey: termsKey }),
  });
  const title = to === "approved" ? t("glossary.approve") : to === "rejected" ? t("glossary.reject") : t("glossary.retire");
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  return (
    <Dialog title={title} onClose={close}>
      <form className="form" onSubmit={submit}>
        {send.error && <FaultNote fault={send.error} />}
        <p className="text"><b><Text of={term.words} /></b></p>
        {to !== "approved" && <Area label={t(to === "rejected" ? "glossary.note.reject" : "glossary.note.retire")} required maxLength={500} value={note} error={fieldError(send.error, "note")} onChange={(e) => setNote(e.target.value)} />}
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending}>{title}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
