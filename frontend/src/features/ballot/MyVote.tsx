import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheckBig, CircleDashed } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { ApiFault } from "../../api/client";
import { useSession } from "../../api/session";
import type { Ballot, Choice } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Section } from "../../ui/Layout";
import { Person, Text } from "../../ui/People";
import { FaultNote, faultText, fieldError } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useToast } from "../../ui/Toast";
import { useKept } from "../../ui/useKept";
import { deskKey } from "../home/api";
import { ballotKey, castVote } from "./api";
import { choices, clusters, deadline, minReason, needsReason, order } from "./words";

interface Draft {
  choice: Choice | null;
  reason: string;
}

// A vote being prepared survives a reload and a lost connection, on this device only.
function useDraft(id: string, cast: Ballot["mine"]) {
  const kept = useKept<Draft>(`vote.${id}`);
  const [draft, set] = useState<Draft>(() => kept.read() ?? { choice: cast?.choice ?? null, reason: cast?.reason ?? "" });
  const setDraft = (d: Draft) => {
    set(d);
    kept.keep(d);
  };
  return { draft, setDraft, forget: kept.forget };
}

// The ballot whose vote was just recorded: the form is made anew with what it shows, and its button is gone; the focus goes to the receipt.
let justCast: string | null = null;

/** My agency's vote: nothing preselected, a draft until it is recorded, changeable until closing. */
export function MyVote({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const session = useSession();
  const client = useQueryClient();
  const toast = useToast();
  const { draft, setDraft, forget } = useDraft(b.id, b.mine);
  const [asking, setAsking] = useState(false);
  const [tried, setTried] = useState(false);
  const cast = useMutation({
    mutationFn: () =>
      castVote(b.id, { choice: draft.choice ?? "abstain", reason: draft.reason.trim(), revision_hash: b.subject.revision_hash }),
    onMutate: () => {
      justCast = b.id;
    },
    onSuccess: (next) => {
      forget();
      client.setQueryData(ballotKey(b.id), next);
      client.invalidateQueries({ queryKey: deskKey });
      client.invalidateQueries({ queryKey: ["ballots"] });
      setAsking(false);
      setTried(false);
      toast(t("ballot.cast.done"));
    },
    onError: (fault) => {
      justCast = null;
      setAsking(false);
      if (fault instanceof ApiFault && fault.status === 409) {
        // The page is about to show the ballot as it stands; the words must outlive that.
        toast(faultText(fault, locale));
        client.invalidateQueries({ queryKey: ballotKey(b.id) });
      }
    },
  });
  useEffect(() => {
    if (b.state !== "open") forget();
  });
  const receipt = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (justCast !== b.id || !b.mine) return;
    justCast = null;
    // After the question has given the focus back to a button that is gone.
    requestAnimationFrame(() => requestAnimationFrame(() => receipt.current?.focus()));
  }, [b.id, b.mine]);
  if (!session?.agency) return null;
  // The secretariat and moderators never vote, so a vote of theirs is not missing.
  if (!b.in_electorate && !b.mine && session.roles.some((r) => r === "SA" || r === "MO")) return null;
  const agency = pick(session.agency.name, locale);
  const may = b.state === "open" && b.abilities["ballot.cast"] === true;
  const elector = b.in_electorate || b.electorate?.some((r) => r.agency.id === session.agency?.id);
  const changed = draft.choice !== (b.mine?.choice ?? null) || draft.reason.trim() !== (b.mine?.reason ?? "");
  const need = needsReason(b, draft.choice);
  const length = clusters(draft.reason);
  const short = need && length < minReason;
  const reasonError = tried && short ? t("ballot.reason.short", { n: minReason - length }) : fieldError(cast.error, "reason");
  if (!may) {
    return (
      <Section title={t("ballot.mine.title", { agency })}>
        {cast.error && <div className="mt2"><NotCast fault={cast.error} ballot={b} /></div>}
        {b.mine ? <Recorded ballot={b} /> : <p className="meta mt1">{t(!elector ? "ballot.mine.not_elector" : b.state === "open" ? "ballot.mine.no_mandate" : "ballot.mine.absent")}</p>}
      </Section>
    );
  }
  return (
    <Section title={t("ballot.mine.title", { agency })}>
      <p className="meta">{t(session.seat?.kind === "alternate" ? "ballot.mine.as_alternate" : "ballot.mine.as_principal")}</p>
      <div className="mt2" role="status" tabIndex={-1} ref={receipt}>
        {changed && draft.choice ? (
          <Tag tone="due" icon={CircleDashed}>{t("ballot.draft")}</Tag>
        ) : b.mine ? (
          <Recorded ballot={b} />
        ) : (
          <Tag icon={CircleDashed}>{t("ballot.none_yet")}</Tag>
        )}
      </div>
      <form
        id="my-vote"
        onSubmit={(e) => {
          e.preventDefault();
          setTried(true);
          if (draft.choice && !short) setAsking(true);
        }}
      >
        <RadioGroup
          className="choice"
          value={draft.choice}
          onChange={(v) => setDraft({ ...draft, choice: v as Choice })}
          isInvalid={tried && !draft.choice}
        >
          <Label className="vh">{t("ballot.choice.label")}</Label>
          {order.map((c) => (
            <Radio key={c} value={c} className={({ isSelected, isFocusVisible }) => `ch ${isSelected ? "on" : ""} ${isFocusVisible ? "foc" : ""}`}>
              {({ isSelected }) => (
                <>
                  <span className={`radio ${isSelected ? "on" : ""}`} aria-hidden="true" />
                  <span>
                    {t(`ballot.choice.${c}`)}
                    {c === "recuse" && <small>{t("ballot.choice.recuse.hint")}</small>}
                  </span>
                  <Icon of={choices[c].icon} />
                </>
              )}
            </Radio>
          ))}
        </RadioGroup>
        {tried && !draft.choice && <p className="errmsg" role="alert">{t("ballot.choice.required")}</p>}
        <Area
          label={<>{t("ballot.reason.label")} <span className="meta">{t(need ? "ballot.reason.required" : "ballot.reason.public")}</span></>}
          error={reasonError}
          value={draft.reason}
          maxLength={4000}
          onChange={(e) => setDraft({ ...draft, reason: e.target.value })}
        />
        {cast.error && !reasonError && (
          <div className="mt2">
            <NotCast fault={cast.error} ballot={b} />
          </div>
        )}
        {(changed || !b.mine) && (
          <Button className="mt2" type="submit" tone="primary" wide pending={cast.isPending}>
            {t(b.mine ? "ballot.cast.change" : "ballot.cast.action", { agency })}
          </Button>
        )}
        <p className="meta mt1">{t("ballot.cast.until", { when: fmt.moment(deadline(b)) })}</p>
      </form>
      {asking && draft.choice && (
        <Dialog title={t("ballot.confirm.title", { agency })} onClose={() => setAsking(false)} alert>
          <div className="binding"><p className="text"><Text of={b.question} /></p></div>
          <dl className="kv mt3">
            <dt>{t("ballot.confirm.vote")}</dt>
            <dd><Tag tone={choices[draft.choice].tone} icon={choices[draft.choice].icon}>{t(`ballot.choice.${draft.choice}`)}</Tag></dd>
            {draft.reason.trim() && <><dt>{t("ballot.reason.label")}</dt><dd className="text" dir="auto">{draft.reason.trim()}</dd></>}
          </dl>
          <p className="dim mt2">{t("ballot.confirm.text", { when: fmt.moment(deadline(b)) })}</p>
          <div className="acts">
            <Button tone="primary" pending={cast.isPending} autoFocus onClick={() => cast.mutate()}>{t("ballot.confirm.action")}</Button>
            <Button onClick={() => setAsking(false)}>{t("action.back")}</Button>
          </div>
        </Dialog>
      )}
    </Section>
  );
}

/** Why a vote was not taken, and what counts instead. */
function NotCast({ fault, ballot: b }: { fault: unknown; ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const code = fault instanceof ApiFault ? fault.code : "";
  const late = code === "ballot.closed" || (code === "ballot.not_open" && b.state !== "open");
  const said = late
    ? b.mine ? t("ballot.cast.late.before", { choice: t(`ballot.choice.${b.mine.choice}`) }) : t("ballot.cast.late")
    : code === "ballot.seat_already_used_by_principal" ? t("ballot.cast.principal")
    : code === "ballot.revision_changed" ? t("ballot.cast.revision")
    : t("ballot.cast.failed", { when: fmt.moment(deadline(b)) });
  return <FaultNote fault={fault}>{said}</FaultNote>;
}

function Recorded({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  if (!b.mine) return null;
  return (
    <div className="mt1">
      <span className="row wrap">
        <Tag tone={choices[b.mine.choice].tone} icon={CircleCheckBig}>{t("ballot.recorded", { choice: t(`ballot.choice.${b.mine.choice}`) })}</Tag>
        {b.mine.cast_by && <span className="meta">{t("ballot.recorded.by")} <Person of={b.mine.cast_by} /></span>}
      </span>
    </div>
  );
}
