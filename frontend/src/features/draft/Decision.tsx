import { useMutation } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { FaultNote } from "../../ui/States";
import { may } from "./threads";

interface Deciding {
  abilities: Record<string, boolean>;
  online: boolean;
  onPress: () => void;
}

/** Puts a suggestion, or the wording of a comment, into the text; nothing for whoever may not. */
export function AcceptButton({ abilities, online, pending, onPress }: Deciding & { pending: boolean }) {
  const t = useT();
  if (!may(abilities, "suggestion.accept")) return null;
  return (
    <Button small tone="agree" pending={pending} disabled={!online} onClick={onPress}>
      <Icon of={Check} small /> {t("suggest.accept")}
    </Button>
  );
}

/** Begins to reject it; nothing for whoever may not. */
export function RejectButton({ abilities, online, onPress }: Deciding) {
  const t = useT();
  if (!may(abilities, "suggestion.reject")) return null;
  return (
    <Button small tone="against" disabled={!online} onClick={onPress}>
      <Icon of={X} small /> {t("suggest.reject")}
    </Button>
  );
}

/** Rejects with a reason, which everybody who reads the draft sees. */
export function RejectDialog({ title, onReject, onDone, onClose }: { title: string; onReject: (reason: string) => Promise<unknown>; onDone: () => Promise<void>; onClose: () => void }) {
  const t = useT();
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const save = useMutation({
    mutationFn: () => onReject(reason.trim()),
    onSuccess: async () => {
      onClose();
      await onDone();
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault();
          setAsked(true);
          if (reason.trim() && !save.isPending) save.mutate();
        }}
      >
        <p className="meta">{t("suggest.reject.hint")}</p>
        <Area label={t("suggest.reject.reason")} required value={reason} onChange={(e) => setReason(e.target.value)} error={asked && !reason.trim() ? t("suggest.reject.why") : undefined} />
        <FaultNote fault={save.error} />
        <div className="acts">
          <Button tone="primary" type="submit" pending={save.isPending}>
            {t("suggest.reject.do")}
          </Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
