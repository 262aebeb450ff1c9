import type { PracticeStage } from "../../api/types";

/** The columns of the pipeline: a stage colour each, and the stages they hold. */
export const columns: { key: "nominated" | "study" | "pilot" | "ballot" | "rollout" | "standard"; colour: string; stages: PracticeStage[] }[] = [
  { key: "nominated", colour: "var(--rule-strong)", stages: ["nominated", "screened", "needs_more"] },
  { key: "study", colour: "var(--rule-strong)", stages: ["under_study", "studied"] },
  { key: "pilot", colour: "var(--r3)", stages: ["piloting", "piloted"] },
  { key: "ballot", colour: "var(--due)", stages: ["in_ballot"] },
  { key: "rollout", colour: "var(--r3)", stages: ["approved", "rolling_out"] },
  { key: "standard", colour: "var(--r4)", stages: ["standard"] },
];

/** Stages that leave the path. */
export const exits: PracticeStage[] = ["declined", "merged", "not_carried", "retired"];

/** Stages from which only a ballot leads on to approval (rules D7). */
export const readyForBallot: PracticeStage[] = ["screened", "studied", "piloted"];

/** What a column of the pipeline is to one practice: behind it, where it stands, passed over, still ahead. */
export type Step = "did" | "now" | "skipped" | "ahead";

export const stepMark: Record<Step, string> = { did: "●", now: "◉", skipped: "–", ahead: "○" };

/** The columns as the practice went through them, from the stages of its record: one that it never stood in is not called done. */
export function wayOf(stage: string, been: (string | undefined)[]): Step[] {
  const holds = (i: number, s: string | undefined) => columns[i].stages.includes(s as PracticeStage);
  const at = columns.findIndex((_, i) => holds(i, stage));
  const visited = columns.map((_, i) => been.some((s) => holds(i, s)));
  // Off the path, what lies ahead begins after the last column it reached.
  const end = at >= 0 ? at : visited.lastIndexOf(true) + 1;
  return columns.map((_, i) => (i === at ? "now" : i >= end ? "ahead" : visited[i] ? "did" : "skipped"));
}
