import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { EditorView } from "@codemirror/view";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Check } from "../../ui/Field";
import { FaultNote } from "../../ui/States";
import { useKept } from "../../ui/useKept";
import { Composer, type Mentionable, mentioned } from "./Composer";
import { anchors as anchorField } from "./editor/anchors";
import { WordDiff } from "./Proposal";
import type { Session } from "./session";
import { type Audience, createThread, type ThreadKind, threadsKey } from "./threads";

interface Unsent {
  body: string;
  kind: ThreadKind;
  blocking: boolean;
  audience: Audience;
  wording: string | null;
  /** The words it was written on. */
  on: string;
}

/** The card in which a new comment is written; its text stays when sending fails, and until it is sent or given up. */
export function NewThread({ view, session, quote, names, online, own, onComposed }: {
  view: EditorView | null;
  session: Session;
  quote: string;
  names: Mentionable[];
  online: boolean;
  /** Whether the person acts for an agency, which a comment can be kept inside. */
  own: boolean;
  onComposed: (id: string | null) => void;
}) {
  const t = useT();
  const queries = useQueryClient();
  const unsent = useKept<Unsent>(`thread.${session.draft}`);
  const [before] = useState(() => {
    const kept = unsent.read();
    // What was meant for an agency alone is not offered to everybody.
    return kept?.audience === "agency" && !own ? null : kept;
  });
  const [body, setBody] = useState(before?.body ?? "");
  const [kind, setKind] = useState<ThreadKind>(before?.kind ?? "general");
  const [blocking, setBlocking] = useState(before?.blocking ?? false);
  const [audience, setAudience] = useState<Audience>(before?.audience ?? "network");
  // Proposed for other words it would say nothing here.
  const [wording, setWording] = useState<string | null>(before?.on === quote ? before.wording : null);
  useEffect(() => {
    if (body.trim() || wording !== null) unsent.keep({ body, kind, blocking, audience, wording, on: quote });
    else unsent.forget();
  }, [unsent, body, kind, blocking, audience, wording, quote]);
  const drop = () => {
    unsent.forget();
    onComposed(null);
  };
  const inside = audience === "agency";
  const write = (text: string) => {
    setBody(text);
    if (!inside && text.trim()) session.typists.type("");
  };
  const range = view?.state.field(anchorField).draft;
  const was = view && range ? view.state.sliceDoc(range.from, range.to) : quote;
  const proposes = !inside && wording !== null;
  const send = useMutation({
    mutationFn: async () => {
      // Positions are of a version of the log, so what was typed under the comment goes first.
      const version = await session.settled();
      const place = view?.state.field(anchorField).draft;
      if (!place) throw new Error("the place is gone");
      return createThread(session.draft, {
        version, ...session.shared(place.from, place.to), body: body.trim(), kind, blocking: blocking && !inside, mentions: mentioned(body, names), audience,
        ...(proposes ? { proposal: wording } : {}),
      });
    },
    onSuccess: async (th) => {
      unsent.forget();
      await queries.invalidateQueries({ queryKey: threadsKey(session.draft) });
      onComposed(th?.id ?? null);
    },
  });
  const ready = body.trim() !== "" && online && !send.isPending && !(proposes && wording === was);
  const submit = () => {
    if (ready) send.mutate();
  };
  return (
    <form
      className="c on new"
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") onComposed(null); // what was written is there again with the next
        // From the choices under the words too; in the words it was answered already.
        if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !e.defaultPrevented) submit();
      }}
    >
      <p className="meta q" dir="auto">{t("thread.on", { quote })}</p>
      <Composer label={t("thread.body")} hint={t("thread.body.hint")} value={body} onChange={write} names={names} rows={3} autoFocus onSubmit={submit} />
      {!inside && <Check label={t("comment.propose")} checked={wording !== null} onChange={(e) => setWording(e.target.checked ? was : null)} />}
      {proposes && (
        <div className="wording">
          <Composer label={t("comment.propose")} hint={t("comment.propose.hint")} value={wording} onChange={setWording} names={[]} rows={2} onSubmit={submit} />
          {wording === was ? (
            <p className="meta">{t("comment.propose.same")}</p>
          ) : (
            <div>
              <p className="meta">{t("comment.propose.preview")}</p>
              <WordDiff was={was} now={wording} />
            </div>
          )}
        </div>
      )}
      <div className="kinds" role="radiogroup" aria-label={t("thread.kind")}>
        {(["general", "technical", "editorial"] as const).map((k) => (
          <label key={k}>
            <input type="radio" name="kind" checked={k === kind} onChange={() => setKind(k)} /> {t(`thread.kind.${k}`)}
          </label>
        ))}
      </div>
      {own && (
        <div className="kinds" role="radiogroup" aria-label={t("comment.audience")}>
          <span className="meta">{t("comment.audience")}</span>
          {(["network", "agency"] as const).map((a) => (
            <label key={a}>
              <input type="radio" name="audience" checked={a === audience} onChange={() => setAudience(a)} /> {t(`comment.audience.${a}`)}
            </label>
          ))}
          {inside && <span className="meta hint">{t("comment.audience.hint")}</span>}
        </div>
      )}
      {!inside && <Check label={t("thread.blocking")} hint={t("thread.blocking.hint")} checked={blocking} onChange={(e) => setBlocking(e.target.checked)} />}
      <FaultNote fault={send.error} />
      {!online && <p className="meta">{t("thread.offline")}</p>}
      <div className="row">
        <Button small tone="primary" type="submit" pending={send.isPending} disabled={!ready && !send.isPending}>
          {t(send.isPending ? "thread.sending" : "thread.send")}
        </Button>
        <Button small tone="quiet" onClick={drop}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}
