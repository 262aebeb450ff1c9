import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { Dialog as AriaDialog, Button as AriaButton, DialogTrigger, Popover } from "react-aria-components";
import type { AllowedStep, Edition, Gate, WaitingStep } from "../../api/types";
import { arabicDigits, useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { GoLink } from "../../ui/GoLink";
import { Icon } from "../../ui/Icon";
import { Person, Said, Seal, Text } from "../../ui/People";
import { type BallotSubject, NewBallot } from "../ballot/NewBallot";
import { editionKey } from "../guideline/api";
import { StepDialog, stepName } from "./StepDialog";

// What moves an edition forward is the primary act, in this order.
const forward = ["submit", "approve", "publish", "send_to_ballot", "answer", "conclude", "receive", "second_eye", "restore"];
// What ends or goes past the ordinary way is named last and quietly.
const aside = new Set(["force_publish", "discard", "unpublish", "withdraw"]);
// Begun on the guideline's own page.
const elsewhere = new Set(["new_edition"]);

const order = (steps: AllowedStep[]) => [...steps].sort((a, b) => rank(a.event) - rank(b.event));
function rank(event: string): number {
  const i = forward.indexOf(event);
  return i >= 0 ? i : aside.has(event) ? 100 : 50;
}
const open = (e: Edition) => order((e.allowed ?? []).filter((s) => !elsewhere.has(s.event)));
const shut = (e: Edition) => order((e.waiting ?? []).filter((s) => !elsewhere.has(s.event))) as WaitingStep[];

/** The dialog of a step that was chosen: a form of its own for the ballot. */
function Chosen({ edition, step, close }: { edition: Edition; step: AllowedStep | null; close: () => void }) {
  if (!step) return null;
  if (step.event === "send_to_ballot") return <NewBallot subject={ballotSubject(edition)} close={close} />;
  return <StepDialog edition={edition} step={step} onClose={close} />;
}

/** The titles of the required sections that a gate misses, as the text would have them. */
export const missingOf = (edition: Edition, gate: Gate): string[] => gate.missing.map((title) => title[edition.guideline.language] || title.ar || title.en);

/** The next step of an edition as one button, and behind the other what it needs and every further step. */
export function EditionActions({ edition }: { edition: Edition }) {
  const t = useT();
  const [step, setStep] = useState<AllowedStep | null>(null);
  const [more, setMore] = useState(false);
  const steps = open(edition);
  const primary = steps.find((s) => forward.includes(s.event));
  const rest = steps.length + shut(edition).length - (primary ? 1 : 0);
  return (
    <div className="row edition-acts">
      {primary && (
        <Button tone="primary" onClick={() => setStep(primary)}>
          {stepName(primary.event)}
        </Button>
      )}
      {rest > 0 && (
        <DialogTrigger isOpen={more} onOpenChange={setMore}>
          <AriaButton className="btn edition-more">
            {t(primary ? "edition.more" : "edition.steps")}
            <Icon of={ChevronDown} small />
          </AriaButton>
          <Popover className="menu next-pop" placement="bottom end">
            <AriaDialog aria-label={t("edition.steps")}>
              <p className="text"><Said of={edition.needs} /></p>
              {edition.gates?.map((g) => g.missing.length > 0 && <p key={g.code} className="meta"><bdi>{missingOf(edition, g).join(" · ")}</bdi></p>)}
              <NextSteps
                edition={edition}
                onStep={(s) => {
                  setMore(false);
                  setStep(s);
                }}
              />
            </AriaDialog>
          </Popover>
        </DialogTrigger>
      )}
      <Chosen edition={edition} step={step} close={() => setStep(null)} />
    </div>
  );
}

/** Every legal step of the edition that the reader's role may take: open ones as buttons, shut ones with the reason. */
export function NextSteps({ edition, onStep }: { edition: Edition; onStep?: (s: AllowedStep) => void }) {
  const t = useT();
  const id = useId();
  const [step, setStep] = useState<AllowedStep | null>(null);
  const steps = open(edition);
  const waiting = shut(edition);
  const choose = onStep ?? setStep;
  return (
    <>
      <Standing edition={edition} />
      {steps.length + waiting.length > 0 && (
        <ul className="nexts" aria-label={t("edition.steps")}>
          {steps.map((s, i) => (
            <li key={s.event}>
              <Button small wide tone={i === 0 && forward.includes(s.event) ? "primary" : aside.has(s.event) ? "quiet" : "plain"} data-step={s.event} onClick={() => choose(s)}>
                {stepName(s.event)}
              </Button>
            </li>
          ))}
          {waiting.map((w) => (
            <li key={w.event}>
              <button type="button" className="btn sm wide" aria-disabled="true" aria-describedby={`${id}-${w.event}`} data-step={w.event}>
                {stepName(w.event)}
              </button>
              <p className="meta" id={`${id}-${w.event}`}>
                {t("edition.waits")}{" "}
                {(w.unmet ?? []).map((u, i) => (
                  <span key={u.code}>
                    {i > 0 && t("list.comma")}
                    <Said of={u.text} />
                  </span>
                ))}
              </p>
            </li>
          ))}
        </ul>
      )}
      <Chosen edition={edition} step={step} close={() => setStep(null)} />
    </>
  );
}

/** What the state itself says: what was asked for and by whom, when it is published, who was asked, until when it is open, which ballot decides. */
function Standing({ edition: e }: { edition: Edition }) {
  const t = useT();
  const fmt = useFormat();
  const asked = e.experts ?? [];
  const sentBack = e.state === "amends_needed" ? e.history?.findLast((h) => h.to === "amends_needed") : undefined;
  return (
    <>
      {sentBack && (
        <div className="standing" data-event={sentBack.event}>
          <b>{translateOr(`edition.event.${sentBack.event}`, sentBack.event ?? "")}</b>{" "}
          <span className="meta"><Person of={sentBack.person} />{sentBack.agency && typeof sentBack.agency !== "string" && <> · <Text of={sentBack.agency.short} /></>}</span>
          {sentBack.reason && <p className="text" dir="auto">{sentBack.reason}</p>}
          {sentBack.cause && <p className="meta"><Said of={sentBack.cause} /></p>}
        </div>
      )}
      {e.state === "fact_check" && e.allowed?.some((s) => s.event === "answer") && <p className="standing">{t("edition.asked.you")}</p>}
      {e.state === "scheduled" && e.publish_at && <p className="standing"><b>{t("edition.scheduled", { when: fmt.moment(e.publish_at) })}</b></p>}
      {e.state === "consultation" && e.closes_at && <p className="standing">{t("edition.consultation", { from: fmt.moment(e.opens_at ?? e.closes_at), to: fmt.moment(e.closes_at) })}</p>}
      {(e.state === "fact_check" || e.state === "fact_check_received" || e.state === "consultation") && asked.length > 0 && (
        <p className="standing">
          {t("edition.asked")}{" "}
          {asked.map((x, i) => (
            <span key={x.agency?.id ?? x.person?.id}>
              {i > 0 && t("list.comma")}
              {x.agency ? <Seal agency={x.agency} /> : <Person of={x.person} />}
              {x.answered && <> ({t("edition.answered")})</>}
            </span>
          ))}
        </p>
      )}
      {e.state === "published" && e.second_eye_due && <p className="standing c-due">{t("edition.second_eye_due", { when: fmt.day(e.second_eye_due) })}</p>}
      {e.ballot_id && <p className="standing"><GoLink href={`/ballots/${e.ballot_id}`}>{t("edition.ballot")}</GoLink></p>}
    </>
  );
}

/**
 * The ballot that adopts the edition, with the motion to begin from. Opening it moves the edition. The motion is text that stands as it
 * is written, for every reader, so each language writes the edition's number in its own digits.
 */
export function ballotSubject({ id, guideline: g, number }: Edition): BallotSubject {
  return {
    path: `/editions/${id}`,
    motion: {
      ar: g.title.ar ? `يُعتمد «${g.title.ar}»، الإصدار ${arabicDigits(number)}، دليلًا للشبكة.` : "",
      en: g.title.en ? `“${g.title.en}”, edition ${number}, is adopted as a network guideline.` : "",
    },
    stale: editionKey(id),
  };
}
