import { Check, CircleAlert, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { known, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { live } from "../../live/socket";
import { Icon } from "../../ui/Icon";
import { type ScanStore, useWords } from "./scan";
import type { Session, Status } from "./session";
import { type Saver, useSaver } from "./suggest";
import { useStatus } from "./useDraft";

/** What is true of the text's safety, in words; re-worded as time passes. */
export function useSaveWords(s: Status): string {
  const t = useT();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (s.save !== "saved" || s.savedAt === 0) return;
    const age = Date.now() - s.savedAt;
    const timer = setTimeout(() => setNow(Date.now()), age < 60_000 ? 1_000 : 30_000);
    return () => clearTimeout(timer);
  });
  if (!s.ready) return t("draft.opening");
  switch (s.save) {
    case "saving":
      return t("draft.save.saving");
    case "kept":
      return t("draft.save.kept");
    case "unsaved":
      return t("draft.save.unsaved");
    case "refused":
      return t("draft.save.refused");
  }
  if (s.savedAt === 0) return t("draft.save.saved");
  const age = Math.max(0, now - s.savedAt);
  if (age < 60_000) return t("draft.save.seconds", { n: Math.round(age / 1_000) });
  return t("draft.save.minutes", { n: Math.round(age / 60_000) });
}

/** The foot of the page: connection, save state, words. The save state is said politely, without its seconds. */
export function StatusBar({ session, saver, scans, write }: { session: Session | null | undefined; saver: Saver | null; scans: ScanStore; write: boolean }) {
  const t = useT();
  const text = useStatus(session);
  const suggested = useSaver(saver);
  // In suggest mode it is the suggestions that are to be safe; text of before that still waits comes first.
  const status = saver && text.pending === 0 ? { ...text, save: suggested.save, savedAt: suggested.savedAt, pending: suggested.pending } : text;
  const words = useWords(scans);
  const saying = useSaveWords(status);
  const spoken = status.save === "saved" ? t("draft.save.saved") : saying;
  const good = status.online && (status.save === "saved" || status.save === "saving");
  // A line that has not been up yet is not lost.
  const line = !status.ready && !status.online && status.downSince === 0 ? "" : t(status.online ? "draft.online" : "draft.offline");
  return (
    <footer className="foot">
      <span data-save={status.save} data-online={status.online}>
        <i className={`ok ${good ? "" : status.save === "refused" || status.save === "unsaved" ? "bad" : "wait"}`} aria-hidden="true" />
        <span aria-hidden="true">{[line, saying].filter(Boolean).join(" · ")}</span>
        <span className="vh" role="status">{[line, spoken].filter(Boolean).join(". ")}</span>
      </span>
      {words !== null && <span>{t("draft.words", { n: words })}</span>}
      {status.ready && !write && <span className="hide-sm">{t("draft.readonly")}</span>}
    </footer>
  );
}

/** The bars above the text: no connection, back again, refused. */
export function Notices({ session, onDismiss, onCopy, onReload }: { session: Session | null | undefined; onDismiss: () => void; onCopy: () => void; onReload: () => void }) {
  const t = useT();
  const status = useStatus(session);
  const fmt = useFormat();
  const down = useLongDown(status);
  if (status.problem) {
    const id = `draft.problem.${status.problem}`;
    return (
      <div className="offbar bad" role="alert">
        <Icon of={CircleAlert} />
        <span className="grow">
          {status.pending > 0 && <b>{t("draft.problem.title")} </b>}
          {known(id) ? t(id) : t("draft.problem.other")}
        </span>
        {status.pending > 0 && (
          <button type="button" className="btn sm" onClick={onCopy}>
            {t("draft.problem.copy")}
          </button>
        )}
        <button type="button" className="btn sm quiet" onClick={onReload}>
          {t("draft.problem.reload")}
        </button>
      </div>
    );
  }
  if (down) {
    return (
      <div className={status.save === "unsaved" ? "offbar" : "offbar lost"} role="status">
        <Icon of={WifiOff} />
        <span className="grow">
          <b>{t("draft.off.title", { time: fmt.time(status.downSince) })}</b>{" "}
          {status.save === "unsaved" ? t("draft.off.unsaved") : status.pending > 0 ? t("draft.off.kept", { n: status.pending }) : t("draft.off.text")}
        </span>
        <button type="button" className="btn sm quiet" onClick={() => live.retryNow()}>
          {t("action.retry")}
        </button>
      </div>
    );
  }
  if (status.merged) {
    return (
      <div className="offbar good" role="status">
        <Icon of={Check} />
        <span className="grow">
          <b>{t("draft.back.title")}</b> {t("draft.back.text", { n: status.merged.theirs })}
        </span>
        <button type="button" className="btn sm quiet" onClick={onDismiss}>
          {t("action.close")}
        </button>
      </div>
    );
  }
  if (status.aside) {
    return (
      <div className="offbar" role="status">
        <Icon of={CircleAlert} />
        <span className="grow">{t("draft.aside")}</span>
      </div>
    );
  }
  return null;
}

// A line that is back within a second and a half was no outage to speak of.
function useLongDown(s: Status): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (s.downSince === 0) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), Math.max(0, 1_500 - (Date.now() - s.downSince)));
    return () => clearTimeout(timer);
  }, [s.downSince]);
  return late && s.downSince > 0;
}
