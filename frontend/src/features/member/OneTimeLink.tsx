import { Copy } from "lucide-react";
import { useState } from "react";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";

/** An invitation's link, shown once. */
export function OneTimeLink({ url, close }: { url: string; close: () => void }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  return (
    <>
      <p>{t("agency.invite.done")}</p>
      <p className="linkbox mt2"><bdi dir="ltr" className="grow" style={{ whiteSpace: "normal" }} data-link>{url}</bdi></p>
      <p className="meta mt2">{t("agency.invite.note")}</p>
      <div className="acts">
        <Button autoFocus tone="primary" onClick={() => navigator.clipboard?.writeText(url).then(() => setCopied(true))}><Icon of={Copy} />{t(copied ? "action.copied" : "action.copy")}</Button>
        <Button onClick={close}>{t("action.close")}</Button>
      </div>
    </>
  );
}
