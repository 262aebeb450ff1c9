import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, SpellCheck, Undo2, Unlink, X } from "lucide-react";
import { useState } from "react";
import type { AgencyRef } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Area } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Initial, Text } from "../../ui/People";
import { FaultNote } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useKept } from "../../ui/useKept";
import { FlagButton } from "../moderation/FlagButton";
import { AcceptButton, RejectButton, RejectDialog } from "./Decision";
import { opensCard } from "./cardClick";
import { textDirection } from "./editor/direction";
import { acceptMany, acceptSuggestion, correctSuggestion, explainSuggestion, type Picked, rejectMany, rejectSuggestion, type Saver, type Suggestion, suggestionsKey, useSaver, withdrawSuggestion } from "./suggest";
import { may } from "./threads";

/** What a suggestion takes away and puts there, in one line of reading. */
function Change({ of: s }: { of: Suggestion }) {
  const t = useT();
  const dir = textDirection(s.insertion || s.quote, "rtl") ?? undefined;
  return (
    <p className="sg-change" dir={dir}>
      {s.quote && (
        <del className="cm-sg-del">
          <span className="vh">{t("suggest.takes")} </span>
          {s.quote}
        </del>
      )}{" "}
      {s.insertion && (
        <ins className={`cm-sg-ins h${s.author.agency?.hue ?? 1}`}>
          <span className="vh">{t("suggest.puts")} </span>
          {s.insertion}
        </ins>
      )}
    </p>
  );
}

/** One suggestion in the margin, with what may be done about it. */
export function SuggestionCard({ suggestion: s, draft, active, online, picked, onPick, onActivate }: {
  suggestion: Suggestion;
  draft: string;
  active: boolean;
  online: boolean;
  /** Whether it is among those to be decided together; null where there is nothing to choose from. */
  picked: boolean | null;
  onPick: (id: string, on: boolean) => void;
  onActivate: (id: string | null) => void;
}) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const toast = useToast();
  const queries = useQueryClient();
  const [rejecting, setRejecting] = useState(false);
  const [explaining, setExplaining] = useState(false);
  const done = async (said: string) => {
    toast(said);
    await queries.invalidateQueries({ queryKey: suggestionsKey(draft) });
  };
  const accept = useMutation({ mutationFn: () => acceptSuggestion(s.id), onSuccess: () => done(t("suggest.accepted")) });
  const correct = useMutation({ mutationFn: () => correctSuggestion(s.id), onSuccess: () => done(t("suggest.corrected")) });
  const withdraw = useMutation({ mutationFn: () => withdrawSuggestion(s.id), onSuccess: () => done(t("suggest.withdrawn")) });
  const who = pick(s.author.person.name, locale);

  if (s.state !== "open" && !active) {
    return (
      <button type="button" className="c done" data-suggestion-card={s.id} data-state={s.state} onClick={() => onActivate(s.id)}>
        <span className="row">
          <span className={s.state === "accepted" ? "c-agree" : "c-against"}><Icon of={s.state === "accepted" ? Check : X} small /></span>
          <span className="grow q">{t(s.state === "accepted" ? "suggest.state.accepted" : "suggest.state.rejected")} <bdi>«{s.insertion || s.quote}»</bdi></span>
        </span>
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j and k, and the buttons inside, do the same for the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveElementInteractions: as above.
    <article onClick={active ? undefined : opensCard(() => onActivate(s.id))} tabIndex={-1} className={`c sg ${active ? "on" : ""}`} data-suggestion-card={s.id} data-state={s.state} aria-current={active || undefined} aria-label={t("suggest.card", { who })}>
      <div className="c-head">
        <div className="by">
          <Initial name={who} hue={s.author.agency?.hue} />
          <span>
            <b>
              <Text of={s.author.person.name} />
            </b>
            <span className="meta">
              {s.author.agency && (
                <>
                  <Text of={s.author.agency.short} />
                  {" · "}
                </>
              )}
              {[t(`suggest.kind.${s.kind}`), fmt.relative(s.created_at)].join(" · ")}
            </span>
          </span>
        </div>
        {picked !== null && may(s.abilities, "suggestion.reject") && (
          <label className="sg-pick">
            <input type="checkbox" aria-label={t("suggest.pick", { who })} checked={picked} onClick={(e) => e.stopPropagation()} onChange={(e) => onPick(s.id, e.target.checked)} />
          </label>
        )}
        {active && !s.hidden && <FlagButton object={s.id} bare />}
        {active && (
          <button type="button" className="iconbtn" aria-label={t("thread.close")} onClick={() => onActivate(null)}>
            <Icon of={X} small />
          </button>
        )}
      </div>
      {s.orphaned && s.state === "open" && (
        <div className="orphan">
          <span className="tag against"><Icon of={Unlink} small />{t("thread.orphaned")}</span>
          <span className="meta">{t("suggest.orphaned")}</span>
        </div>
      )}
      {s.hidden && <p className="meta" data-hidden="">{t("suggest.hidden")}</p>}
      <Change of={s} />
      {explaining ? (
        <Note of={s} draft={draft} online={online} onClose={() => setExplaining(false)} />
      ) : (
        s.note && (
          <div className="words" data-note="">
            {s.note.split("\n").map((line, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one note do not move.
              <p key={i} dir="auto">{line}</p>
            ))}
          </div>
        )
      )}
      {s.decided_by && (
        <div className="verdict">
          <b>{t(s.state === "accepted" ? "suggest.state.accepted" : "suggest.state.rejected")}</b>
          <p className="meta">
            <Text of={s.decided_by.person.name} />
            {s.decided_at && ` · ${fmt.relative(s.decided_at)}`}
          </p>
          {s.reason && <p className="sg-reason" dir="auto">{s.reason}</p>}
        </div>
      )}
      <FaultNote fault={accept.error ?? correct.error ?? withdraw.error} />
      <div className="row acts">
        <AcceptButton abilities={s.abilities} pending={accept.isPending} online={online} onPress={() => accept.mutate()} />
        {may(s.abilities, "suggestion.correct") && (
          <Button small tone="agree" title={t("suggest.correct.hint")} pending={correct.isPending} disabled={!online} onClick={() => correct.mutate()}>
            <Icon of={SpellCheck} small /> {t("suggest.correct")}
          </Button>
        )}
        <RejectButton abilities={s.abilities} online={online} onPress={() => setRejecting(true)} />
        {!explaining && may(s.abilities, "suggestion.explain") && (
          <Button
            small
            tone="quiet"
            disabled={!online}
            onClick={() => {
              onActivate(s.id);
              setExplaining(true);
            }}
          >
            {t(s.note ? "suggest.note.edit" : "suggest.note.add")}
          </Button>
        )}
        {may(s.abilities, "suggestion.withdraw") && (
          <Button small tone="quiet" pending={withdraw.isPending} disabled={!online} onClick={() => withdraw.mutate()}>
            <Icon of={Undo2} small flip /> {t("suggest.withdraw")}
          </Button>
        )}
      </div>
      {rejecting && (
        <RejectDialog
          title={t("suggest.reject.title", { who })}
          onReject={(reason) => rejectSuggestion(s.id, reason)}
          onDone={() => done(t("suggest.rejected"))}
          onClose={() => setRejecting(false)}
        />
      )}
    </article>
  );
}

/** Why one suggests it, in one's own words. */
function Note({ of: s, draft, online, onClose }: { of: Suggestion; draft: string; online: boolean; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const unsent = useKept<{ note: string }>(`note.${s.id}`);
  const [note, setText] = useState(() => unsent.read()?.note ?? s.note);
  const setNote = (text: string) => {
    setText(text);
    unsent.keep({ note: text });
  };
  const save = useMutation({
    mutationFn: () => explainSuggestion(s.id, note.trim()),
    onSuccess: async () => {
      unsent.forget();
      await queries.invalidateQueries({ queryKey: suggestionsKey(draft) });
      onClose();
    },
  });
  const send = () => {
    if (online && !save.isPending) save.mutate();
  };
  return (
    <form
      className="sg-note"
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") onClose();
        if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) send();
      }}
    >
      <Area label={t("suggest.note.label")} hint={t("suggest.note.hint")} rows={2} maxLength={2000} dir="auto" autoFocus value={note} onChange={(e) => setNote(e.target.value)} />
      <FaultNote fault={save.error} />
      <div className="row">
        <Button small tone="primary" type="submit" pending={save.isPending} disabled={!online}>{t("action.save")}</Button>
        <Button
          small
          tone="quiet"
          onClick={() => {
            unsent.forget();
            onClose();
          }}
        >
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}

/** Over the cards: whose suggestions are shown, and deciding several at once: those that are ticked, or all of an agency's. */
export function SuggestionBar({ open, draft, agency, onAgency, picked, onPicked, online }: {
  open: Suggestion[];
  draft: string;
  agency: string;
  onAgency: (id: string) => void;
  /** Ids of those that are ticked. */
  picked: readonly string[];
  onPicked: (ids: readonly string[]) => void;
  online: boolean;
}) {
  const t = useT();
  const locale = useLocale();
  const toast = useToast();
  const queries = useQueryClient();
  const [rejecting, setRejecting] = useState(false);
  const agencies = new Map<string, { ref: AgencyRef; n: number }>();
  for (const s of open) {
    if (!s.author.agency) continue;
    const seen = agencies.get(s.author.agency.id);
    agencies.set(s.author.agency.id, { ref: s.author.agency, n: (seen?.n ?? 0) + 1 });
  }
  const chosen = agencies.get(agency);
  const which: Picked = picked.length > 0 ? { ids: [...picked] } : { agency };
  const done = async (said: string) => {
    toast(said);
    onPicked([]);
    await queries.invalidateQueries({ queryKey: suggestionsKey(draft) });
  };
  const accept = useMutation({
    mutationFn: () => acceptMany(draft, which),
    onSuccess: (d) => done(d.left.length > 0 ? t("suggest.all.left", { n: d.done.length, left: d.left.length }) : t("suggest.all.accepted", { n: d.done.length })),
    // Somebody decided one of them meanwhile: the list says which.
    onError: () => queries.invalidateQueries({ queryKey: suggestionsKey(draft) }),
  });
  const decides = open.some((s) => may(s.abilities, "suggestion.reject"));
  if (open.length === 0) return null;
  return (
    <div className="sg-bar">
      <label>
        <span className="vh">{t("suggest.filter")}</span>
        <select
          className="input"
          value={chosen ? agency : ""}
          onChange={(e) => {
            onPicked([]);
            onAgency(e.target.value);
          }}
        >
          <option value="">{t("suggest.filter.all", { n: open.length })}</option>
          {[...agencies.values()].map(({ ref, n }) => (
            <option key={ref.id} value={ref.id}>{t("suggest.filter.agency", { agency: pick(ref.short, locale), n })}</option>
          ))}
        </select>
      </label>
      {decides && (chosen || picked.length > 0) && (
        <div className="row">
          <Button small tone="agree" pending={accept.isPending} disabled={!online} onClick={() => accept.mutate()}>
            {picked.length > 0 ? t("suggest.picked.accept", { n: picked.length }) : t("suggest.all.accept", { agency: pick(chosen!.ref.short, locale) })}
          </Button>
          <Button small tone="quiet" disabled={!online} onClick={() => setRejecting(true)}>
            {t(picked.length > 0 ? "suggest.picked.reject" : "suggest.all.reject")}
          </Button>
          {picked.length > 0 && (
            <Button small tone="quiet" onClick={() => onPicked([])}>
              {t("suggest.picked.none")}
            </Button>
          )}
        </div>
      )}
      <FaultNote fault={accept.error} />
      {rejecting && (
        <RejectDialog
          title={picked.length > 0 ? t("suggest.picked.title", { n: picked.length }) : t("suggest.all.title", { agency: chosen ? pick(chosen.ref.name, locale) : "" })}
          onReject={(reason) => rejectMany(draft, which, reason)}
          onDone={() => done(t("suggest.rejected"))}
          onClose={() => setRejecting(false)}
        />
      )}
    </div>
  );
}

/** Why the hub refused what was suggested by typing. */
export function SuggestFault({ saver }: { saver: Saver | null }) {
  const { fault } = useSaver(saver);
  return fault ? <FaultNote fault={fault} /> : null;
}
