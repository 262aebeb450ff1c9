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
