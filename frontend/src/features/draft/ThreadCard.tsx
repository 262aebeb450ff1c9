import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CheckCircle2, Lock, Unlink, X } from "lucide-react";
import type { EditorView } from "@codemirror/view";
import { type ReactNode, useEffect, useState } from "react";
import { translateOr, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Initial, Text } from "../../ui/People";
import { FaultNote, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useKept } from "../../ui/useKept";
import { pick } from "../../locales/i18n";
import { FlagButton } from "../moderation/FlagButton";
import { Composer, type Mentionable, mentioned } from "./Composer";
import { opensCard } from "./cardClick";
import { commentRange } from "./editor/commands";
import { textDirection } from "./editor/direction";
import { Proposed } from "./Proposal";
import type { Session } from "./session";
import { TypingNow } from "./TypingNow";
import { anchorThread, type Author, type Comment, may, type Outcome, reopen, reply, resolve, type Thread, threadsKey, widen } from "./threads";

/** A person's words, on the side their own letters ask for, line by line, with mentions set off. */
export function Words({ body, names }: { body: string; names: Mentionable[] }) {
  const locale = useLocale();
  const base = locale === "ar" ? "rtl" : "ltr";
  return (
    <div className="words">
      {body.split("\n").map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one comment do not move.
        <p key={i} dir={textDirection(line, base) ?? base}>
          {mark(line, names)}
        </p>
      ))}
    </div>
  );
}

function mark(line: string, names: Mentionable[]): ReactNode[] {
  const out: ReactNode[] = [];
  let rest = line;
  for (;;) {
    let best: { at: number; name: string } | null = null;
    for (const m of names) {
      const at = rest.indexOf(`@${m.name}`);
      if (at >= 0 && (!best || at < best.at || (at === best.at && m.name.length > best.name.length))) best = { at, name: m.name };
    }
    if (!best) break;
    out.push(rest.slice(0, best.at), <bdi key={out.length} className="mention">@{best.name}</bdi>);
    rest = rest.slice(best.at + best.name.length + 1);
  }
  out.push(rest);
  return out;
}

/** What its author is told of what moderation hid, and why. */
function HiddenOwn({ reason }: { reason?: string }) {
  const t = useT();
  return (
    <p className="meta" data-hidden="">
      {t("thread.hidden.own")} {reason && t("thread.hidden.why", { reason: translateOr(`moderation.reason.${reason}`, reason) })}
    </p>
  );
}

function Said({ comment, names }: { comment: Comment; names: Mentionable[] }) {
  const t = useT();
  const locale = useLocale();
  if (comment.hidden && !comment.body) return <p className="meta" data-hidden="">{t("thread.hidden")}</p>;
  const known = (comment.mentions ?? []).map((m) => ({ id: m.id, name: pick(m.name, locale), meta: "" })).filter((m) => m.name);
  return (
    <>
      {comment.hidden && <HiddenOwn reason={comment.hidden_reason} />}
      <Words body={comment.body} names={[...known, ...names]} />
    </>
  );
}

function By({ author, meta }: { author: Author; meta: string[] }) {
  const locale = useLocale();
  return (
    <div className="by">
      <Initial name={pick(author.person.name, locale)} hue={author.agency?.hue} />
      <span>
        <b>
          <Text of={author.person.name} />
        </b>
        <span className="meta">
          {author.agency && (
            <>
              <Text of={author.agency.short} />
              {" · "}
            </>
          )}
          {meta.join(" · ")}
        </span>
      </span>
    </div>
  );
}

/** A thread of which only the place is here: who began it and when, until what it says has come. */
export function BriefCard({ thread, active, onRead }: { thread: Thread; active: boolean; onRead: (ids: readonly string[]) => () => void }) {
  const t = useT();
  const fmt = useFormat();
  const { id } = thread;
  useEffect(() => onRead([id]), [id, onRead]);
  return (
    <article tabIndex={-1} className={`c ${active ? "on" : ""}`} data-thread-card={id} aria-busy="true" aria-current={active || undefined}>
      <div className="c-head">
        <By author={thread.author} meta={[thread.blocking ? t("thread.blocking") : t(`thread.kind.${thread.kind}`), fmt.relative(thread.created_at)]} />
      </div>
      <Skeleton rows={2} />
    </article>
  );
}

/** One thread in the margin. Closed it shows what was said first; active it opens to the whole exchange. */
export function ThreadCard({ thread, view, session, draft, active, online, names, clause, onActivate }: {
  thread: Thread;
  view: EditorView | null;
  session: Session;
  draft: string;
  active: boolean;
  online: boolean;
  names: Mentionable[];
  clause: string;
  onActivate: (id: string | null) => void;
}) {
  const t = useT();
  const fmt = useFormat();
  const queries = useQueryClient();
  const unsent = useKept<{ body: string }>(`reply.${thread.id}`);
  const [body, setBody] = useState(() => unsent.read()?.body ?? "");
  const [writing, setWriting] = useState(false);
  const [dialog, setDialog] = useState<"resolve" | "reopen" | "widen" | null>(null);
  const toast = useToast();
  const inside = thread.audience === "agency";
  const anchor = useMutation({
    mutationFn: async () => {
      const version = await session.settled();
      const range = view && commentRange(view.state);
      if (!range) return false;
      await anchorThread(thread.id, { version, ...session.shared(range.from, range.to) });
      return true;
    },
    onSuccess: async (done) => {
      toast(t(done ? "comment.anchored" : "comment.anchor.pick"));
      if (done) await queries.invalidateQueries({ queryKey: threadsKey(draft) });
      else view?.focus();
    },
  });
  const send = useMutation({
    mutationFn: () => reply(thread.id, body, mentioned(body, names)),
    onSuccess: async () => {
      unsent.forget();
      setBody("");
      setWriting(false);
      await queries.invalidateQueries({ queryKey: threadsKey(draft) });
    },
  });
  const write = (text: string) => {
    setBody(text);
    unsent.keep({ body: text });
    // What is said inside an agency is not announced either.
    if (!inside && text.trim()) session.typists.type(thread.id);
  };
  const comments = thread.comments ?? [];
  const first = comments[0];
  const rest = comments.slice(1);
  const outcome = thread.outcome ? translateOr(`thread.outcome.${thread.outcome}`, thread.outcome) : "";
  const kind = thread.blocking ? t("thread.blocking") : t(`thread.kind.${thread.kind}`);

  if (thread.state === "resolved" && !active) {
    return (
      <button type="button" className="c done" onClick={() => onActivate(thread.id)}>
        <span className="row">
          <span className="c-agree"><Icon of={CheckCircle2} small /></span>
          <span className="grow q">{t("thread.resolved", { outcome })} <bdi>«{thread.quote}»</bdi></span>
          {clause && <span className="meta nw">{t("draft.clause", { n: fmt.code(clause) })}</span>}
        </span>
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j and k, and the buttons inside, do the same for the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveElementInteractions: as above.
    <article onClick={active ? undefined : opensCard(() => onActivate(thread.id))} tabIndex={-1} className={`c ${active ? "on" : ""}`} data-thread-card={thread.id} aria-current={active || undefined}>
      <div className="c-head">
        <By author={thread.author} meta={[kind, fmt.relative(thread.created_at)]} />
        {active && first && !first.hidden && !thread.hidden && !inside && <FlagButton object={first.id} bare />}
        {active && (
          <button type="button" className="iconbtn" aria-label={t("thread.close")} onClick={() => onActivate(null)}>
            <Icon of={X} small />
          </button>
        )}
      </div>
      {inside && <span className="tag inside"><Icon of={Lock} small />{t("comment.inside")}</span>}
      {thread.orphaned && (
        <div className="orphan">
          <span className="tag against"><Icon of={Unlink} small />{t("thread.orphaned")}</span>
          <span className="meta">{t("thread.orphaned.text")}</span>
          <blockquote dir="auto"><del>{thread.quote}</del></blockquote>
          {active && may(thread.abilities, "thread.anchor") && (
            <>
              <span className="meta">{t("comment.anchor.pick")}</span>
              <Button small pending={anchor.isPending} disabled={!online} onClick={() => anchor.mutate()}>
                {t("comment.anchor")}
              </Button>
              <FaultNote fault={anchor.error} />
            </>
          )}
        </div>
      )}
      {thread.proposal && <Proposed proposal={thread.proposal} draft={draft} online={online} />}
      {thread.hidden && <HiddenOwn reason={thread.hidden_reason} />}
      {first && <Said comment={first} names={names} />}
      {active &&
        rest.map((c) => (
          <div key={c.id} className="reply">
            <div className="row between">
              <By author={c.author} meta={[fmt.relative(c.created_at)]} />
              {!c.hidden && !thread.hidden && !inside && <FlagButton object={c.id} bare />}
            </div>
            <Said comment={c} names={names} />
          </div>
        ))}
      <TypingNow session={session} thread={thread.id} />
      {thread.state === "resolved" && (
        <div className="verdict">
          <b>{t("thread.resolved", { outcome })}</b>
          {thread.outcome_note && <Words body={thread.outcome_note} names={names} />}
        </div>
      )}
      {active && writing ? (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            if (body.trim() && online) send.mutate();
          }}
          onKeyDown={(e) => {
            if (e.key === "Escape") setWriting(false);
          }}
        >
          <Composer label={t("thread.reply.label")} value={body} onChange={write} names={names} rows={2} autoFocus onSubmit={() => body.trim() && online && send.mutate()} />
          <FaultNote fault={send.error} />
          {!online && <p className="meta">{t("thread.offline")}</p>}
          <div className="row mt2">
            <Button small tone="primary" type="submit" pending={send.isPending} disabled={!body.trim() || !online}>
              {t("thread.send")}
            </Button>
            <Button small tone="quiet" onClick={() => setWriting(false)}>
              {t("action.cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="row acts">
          {thread.state === "open" && may(thread.abilities, "comment.create") && (
            <Button small tone="quiet" onClick={() => (onActivate(thread.id), setWriting(true))}>
              {t(body.trim() ? "thread.reply.unsent" : "thread.reply")}
            </Button>
          )}
          {thread.state === "open" && may(thread.abilities, "thread.resolve") && (
            <Button small tone="quiet" onClick={() => (onActivate(thread.id), setDialog("resolve"))}>
              {t("thread.resolve")}
            </Button>
          )}
          {active && may(thread.abilities, "thread.widen") && (
            <Button small tone="quiet" onClick={() => setDialog("widen")}>
              {t("comment.widen")}
            </Button>
          )}
          {thread.state === "resolved" && may(thread.abilities, "thread.reopen") && (
            <Button small tone="quiet" onClick={() => setDialog("reopen")}>
              {t("thread.reopen")}
            </Button>
          )}
          {!active && rest.length > 0 && (
            <button type="button" className="meta linklike plain end" onClick={() => onActivate(thread.id)}>
              {t("thread.replies", { n: rest.length })}
            </button>
          )}
        </div>
      )}
      {dialog === "resolve" && <ResolveDialog thread={thread} draft={draft} onClose={() => setDialog(null)} />}
      {dialog === "widen" && <WidenDialog thread={thread} draft={draft} onClose={() => setDialog(null)} />}
      {dialog === "reopen" && <ReopenDialog thread={thread} draft={draft} onClose={() => setDialog(null)} />}
    </article>
  );
}

function WidenDialog({ thread, draft, onClose }: { thread: Thread; draft: string; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => widen(thread.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: threadsKey(draft) });
      toast(t("comment.widened"));
      onClose();
    },
  });
  return (
    <Dialog title={t("comment.widen.title")} onClose={onClose} alert>
      <div className="form">
        <p>{t("comment.widen.text")}</p>
        <FaultNote fault={save.error} />
        <div className="acts">
          <Button tone="primary" pending={save.isPending} onClick={() => save.mutate()}>
            {t("comment.widen")}
          </Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
        </div>
      </div>
    </Dialog>
  );
}

const outcomes: Outcome[] = ["accepted", "accepted_in_part", "rejected", "noted"];

function ResolveDialog({ thread, draft, onClose }: { thread: Thread; draft: string; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState(false);
  const needsNote = outcome === "rejected" || outcome === "accepted_in_part";
  const save = useMutation({
    mutationFn: () => resolve(thread.id, outcome!, note.trim()),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: threadsKey(draft) });
      onClose();
    },
  });
  return (
    <Dialog title={t("thread.resolve.title")} onClose={onClose} wide>
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault();
          setAsked(true);
          if (outcome && (!needsNote || note.trim())) save.mutate();
        }}
      >
        <p className="meta">{t("thread.resolve.hint")}</p>
        <fieldset className="plain">
          <legend className="lab">{t("thread.resolve.outcome")}</legend>
          {asked && !outcome && <span className="errmsg">{t("thread.resolve.pick")}</span>}
          <div className="opts">
            {outcomes.map((o) => (
              <label key={o} className={o === outcome ? "on" : ""}>
                <input type="radio" name="outcome" value={o} checked={o === outcome} onChange={() => setOutcome(o)} />
                {t(`thread.outcome.${o}`)}
              </label>
            ))}
          </div>
        </fieldset>
        <Area label={t("thread.resolve.note")} value={note} onChange={(e) => setNote(e.target.value)} error={asked && needsNote && !note.trim() ? t("thread.resolve.why") : undefined} />
        <FaultNote fault={save.error} />
        <div className="acts">
          <Button tone="primary" type="submit" pending={save.isPending}>
            {t("thread.resolve.do")}
          </Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function ReopenDialog({ thread, draft, onClose }: { thread: Thread; draft: string; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const save = useMutation({
    mutationFn: () => reopen(thread.id, reason),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: threadsKey(draft) });
      onClose();
    },
  });
  return (
    <Dialog title={t("thread.reopen.title")} onClose={onClose}>
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault();
          if (reason.trim()) save.mutate();
        }}
      >
        <Area label={t("thread.reopen.reason")} required value={reason} onChange={(e) => setReason(e.target.value)} />
        <FaultNote fault={save.error} />
        <div className="acts">
          <Button tone="primary" type="submit" pending={save.isPending} disabled={!reason.trim()}>
            {t("thread.reopen")}
          </Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
