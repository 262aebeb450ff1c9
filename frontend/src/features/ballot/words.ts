import { Check, CircleCheckBig, CircleDashed, CircleSlash, type LucideIcon, Minus, Scale, UserMinus, Vote, X } from "lucide-react";
import type { Ballot, BallotRef, BallotResult, BallotState, Choice } from "../../api/types";
import type { Tone } from "../../ui/Tag";

/** Glyph, class and tone of each position: never colour alone. */
export const choices: Record<Choice, { icon: LucideIcon; cls: string; tone: Tone }> = {
  for: { icon: Check, cls: "y", tone: "agree" },
  against: { icon: X, cls: "n", tone: "against" },
  abstain: { icon: Minus, cls: "a", tone: "neutral" },
  recuse: { icon: UserMinus, cls: "r", tone: "line" },
};
export const order: Choice[] = ["for", "against", "abstain", "recuse"];

export function stateTone(b: { state: BallotState; result?: BallotResult | null }): { tone: Tone; icon: LucideIcon } {
  if (b.state === "open") return { tone: "due", icon: Vote };
  if (b.state === "closed" || b.state === "certified") {
    if (b.result === "carried") return { tone: "agree", icon: CircleCheckBig };
    if (b.result === "not_carried") return { tone: "against", icon: CircleSlash };
    if (b.result === "tie") return { tone: "neutral", icon: Scale };
    return { tone: "neutral", icon: CircleDashed };
  }
  return { tone: "line", icon: CircleDashed };
}

/** The id of the word for where a ballot stands: its result once closed, else its state. */
export function stateWord(b: { state: BallotState; result?: BallotResult | null }): string {
  return (b.state === "closed" || b.state === "certified") && b.result ? `ballot.result.${b.result}` : `ballot.state.${b.state}`;
}

/** The hub's line of a count's arithmetic, in which a product stays on the line of what it comes to. */
export const arithmetic = (line: string) => line.replaceAll(" = ", "\u00a0=\u00a0");

/** Where the tick of a majority stands and how far the votes reach, as shares; null where a bar would mislead. */
export function majority(b: Ballot): { share: number; tick: number; of: number; yes: number } | null {
  const { tally: y } = b;
  if (b.threshold === "simple") return { share: ratio(y.for, y.V), tick: 1 / 2, of: y.V, yes: y.for };
  if (b.threshold === "two_thirds" || b.threshold === "double") return { share: ratio(y.for, y.V), tick: 2 / 3, of: y.V, yes: y.for };
  if (b.threshold === "absolute") return { share: ratio(y.for, y.E - y.R), tick: 1 / 2, of: y.E - y.R, yes: y.for };
  return null;
}

export function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}

/** Length of a reason as the hub counts it: grapheme clusters without surrounding space. */
export function clusters(s: string): number {
  const text = s.trim();
  if (typeof Intl.Segmenter !== "function") return [...text].length;
  let n = 0;
  for (const _ of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) n += 1;
  return n;
}

export const minReason = 20;

/** Whether the ballot asks for a reason with this position. */
export function needsReason(b: Ballot, c: Choice | null): boolean {
  if (!c) return false;
  return b.reason_required === "all" || ((b.reason_required === "against" || b.reason_required === "blocking") && c === "against");
}

/** When it ended, which may be before its time; when it is to end while it has not. */
export function ended(b: Pick<BallotRef, "closes_at" | "closed_at">): string {
  return b.closed_at ?? b.closes_at ?? "";
}

/** When voting ends: the planned time, or an announced earlier one. */
export function deadline(b: Pick<Ballot, "closes_at" | "notice_closes_at">): string {
  return b.notice_closes_at && b.notice_closes_at < b.closes_at ? b.notice_closes_at : b.closes_at;
}
