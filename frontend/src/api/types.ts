/** Shapes of the hub's answers. Times are RFC 3339 strings in UTC; texts in two languages are Bi. */

export interface Bi {
  ar: string;
  en: string;
}
export interface Page<T> {
  items: T[];
  next?: string;
  narrowing?: Narrowing;
}

/** How a list is narrowed by the agencies that its rows belong to, and how it can be. */
export interface Narrowing {
  /** Rows over all pages. */
  total: number;
  /** Rows without the narrowing. */
  all: number;
  axes: {
    axis: "tier" | "kind" | "sector" | "area";
    /** Those with rows, and those chosen; count is how many rows the value alone would leave. */
    values: { value: string; name: Bi; count: number; chosen: boolean }[];
  }[];
}
export type Abilities = Record<string, boolean>;

export interface AgencyRef {
  id: string;
  code: string;
  name: Bi;
  short: Bi;
  hue: number;
}
export interface PersonRef {
  id: string;
  name: Bi;
}

export type Locale = "ar" | "en";
export interface Prefs {
  locale: Locale;
  digits: "arab" | "latn";
  calendar: "hijri" | "gregory";
  theme: "auto" | "light" | "dark";
}
export type SeatKind = "principal" | "alternate" | "writer" | "reader";
export type Role = "SA" | "MO" | "AL" | "RP" | "EX" | "PO" | "RD";

export interface DemoAccount {
  email: string;
  name: Bi | string;
  agency: Bi | string;
  role: string;
  label: Bi;
}
export interface Session {
  person: (PersonRef & { email: string; prefs: Prefs }) | null;
  agency: AgencyRef | null;
  /** Of the own agency. */
  agency_status?: "active" | "suspended" | "";
  seat: { id: string; kind: SeatKind; can_vote: boolean } | null;
  roles: Role[];
  network: { name: Bi; time_zone: string };
  setup_required: boolean;
  demo: { password: string; accounts: DemoAccount[] } | null;
  now: string;
}
export interface SessionRow {
  id: string;
  created_at: string;
  last_seen_at: string;
  user_agent: string;
  current: boolean;
}

export interface Agency extends AgencyRef {
  kind: string;
  tier: string;
  sector: string;
  area: string;
  has_vote: boolean;
  status: string;
  seats_count: number;
}
export interface Seat {
  id: string;
  person: PersonRef;
  kind: SeatKind;
  can_vote: boolean;
  roles?: Role[];
  since: string;
  until?: string | null;
  abilities?: Abilities;
}
export interface HistoryRow {
  at: string;
  event?: string;
  kind?: string;
  from?: string;
  to?: string;
  person?: PersonRef | string | null;
  agency?: AgencyRef | string | null;
  reason?: string;
  /** The hub's own reason, where no person gave one. */
  cause?: Bi | null;
  note?: string;
}
export interface AgencyDetail extends Agency {
  seats: Seat[];
  history: HistoryRow[];
  abilities: Abilities;
}
export interface Workspace {
  id: string;
  kind: "agency" | "joint" | "commons";
  name: Bi;
  /** The agency that opened a joint workspace, "" for the secretariat's. */
  opener: string;
  agencies: AgencyRef[];
  abilities: Abilities;
}
/** What an agency gains by joining a workspace, or loses by leaving it. */
export interface Memberships {
  agency: AgencyRef;
  guidelines: { id: string; title: Bi; leads: boolean; sight: boolean; writing: boolean }[];
  unseen: number;
}
export interface PersonRow extends PersonRef {
  email: string;
  status: "active" | "suspended";
  roles: Role[];
  agency: AgencyRef | null;
  seat: string;
  kind: SeatKind | "";
  can_vote: boolean;
  seen_at: string | null;
  abilities: Abilities;
}
export interface InvitationRow {
  id: string;
  email: string;
  name: Bi;
  agency: AgencyRef | null;
  kind: SeatKind | "";
  roles: Role[];
  replaces: string;
  expires_at: string;
}
export interface Handover {
  seat: string;
  agency: AgencyRef;
  kind: SeatKind;
  can_vote: boolean;
  ended: string | null;
  holders: { person: PersonRef; since: string; until: string | null; reason: string }[];
  taken_at: string | null;
  mine: boolean;
  waits: boolean;
  sections: { key: "ballots" | "reviews" | "drafts" | "threads" | "practices" | "dates"; items: DeskItem[] }[];
  seats: Seat[];
  at: string;
}

export type Visibility = "agency" | "agencies" | "network" | "public";
export type EditionState =
  | "draft" | "in_review" | "amends_needed" | "ready" | "fact_check" | "fact_check_received" | "consultation"
  | "ballot" | "scheduled" | "published" | "superseded" | "withdrawn" | "unpublished" | "discarded";

export interface GuidelineItem {
  id: string;
  title: Bi;
  /** In the guideline's language. */
  summary: string;
  language: Locale;
  kind: "agency" | "network";
  agency: AgencyRef;
  workspace_id: string;
  visibility: Visibility;
  /** `useful`: answers on the published page, for those who write the guideline. */
  editions: { id: string; number: string; state: EditionState; useful?: { yes: number; no: number } }[];
  current: { id: string; number: string; published_at: string } | null;
  in_work: { id: string; number: string; state: EditionState; updated_at: string } | null;
  threads_open: number;
  abilities?: Abilities;
}
export interface Guideline extends GuidelineItem {
  abilities: Abilities;
  /** Named by the rung "agencies". */
  agencies: AgencyRef[];
  /** Agencies that write besides the lead. */
  writers: AgencyRef[];
  tags: string[];
  template: string;
  hidden: boolean;
  /** The Arabic original that it renders. */
  translates?: LanguageRef;
  translations?: LanguageRef[];
}
/** A text in another language. */
export interface LanguageRef {
  id: string;
  title: Bi;
  language: Locale;
  current: GuidelineItem["current"];
  in_work: GuidelineItem["in_work"];
  /** Of a translation: number of the original's edition that its current one was made from. */
  made_from?: string;
  /** Of an original: what readers have or had, newest first. */
  editions?: GuidelineItem["editions"];
}
export type GuidelineRef = Pick<GuidelineItem, "id" | "title" | "language" | "kind" | "agency" | "visibility"> & { template: string; hidden: boolean };
export interface AllowedStep {
  event: string;
  needs: string[] | null;
}
export interface Gate {
  code: string;
  met: boolean;
  count: number;
  text?: Bi;
  /** Titles of required sections under which nothing is written. */
  missing: Bi[];
}
export interface WaitingStep extends AllowedStep {
  unmet: { code: string; count: number; text: Bi }[] | null;
}
export interface Edition {
  id: string;
  guideline: GuidelineRef;
  number: string;
  state: EditionState;
  draft_id: string;
  allowed: AllowedStep[] | null;
  /** Steps that open to the reader once something is met. */
  waiting?: WaitingStep[] | null;
  authors?: PersonRef[];
  ballot_id?: string;
  /** Asked to check facts: an agency or a person each. */
  experts?: { agency: AgencyRef | null; person: PersonRef | null; answered: boolean }[] | null;
  /** Of the consultation. */
  opens_at?: string | null;
  closes_at?: string | null;
  publish_at?: string | null;
  second_eye_due?: string | null;
  notice?: string;
  gates: Gate[] | null;
  needs: Bi;
  abilities: Abilities;
  submitted_by?: PersonRef | null;
  approved_by?: PersonRef | null;
  change_note?: string;
  review_by?: string | null;
  published_at?: string | null;
  history: HistoryRow[] | null;
  /** Of a translation: the Arabic guideline that it renders, and the edition of it that this one was made from. */
  original?: LanguageRef;
  made_from?: GuidelineItem["editions"][number];
}
export interface LibraryItem {
  id: string;
  title: Bi;
  summary: string;
  agency: AgencyRef;
  number: string;
  published_at: string;
  language: Locale;
  snippet_html?: string;
  /** Number and fragment of the clause of the snippet. */
  clause?: string;
  clause_id?: string;
}

/** A page of the library, with the guides of the question counted by agency and language. */
export interface LibraryAnswer extends Page<LibraryItem> {
  total: number;
  /** No guide has all of the words; these have most of them. */
  partly: boolean;
  agencies: Record<string, number>;
  languages: Record<string, number>;
  names: AgencyRef[];
}

export type PracticeStage =
  | "nominated" | "screened" | "under_study" | "studied" | "piloting" | "piloted" | "in_ballot" | "approved"
  | "rolling_out" | "standard" | "retired" | "declined" | "merged" | "needs_more" | "not_carried";
export interface Evidence {
  text: string;
  date: string;
  source: string;
}
export interface BallotRef {
  id: string;
  question: Bi;
  state: BallotState;
  result?: BallotResult | null;
  round: number;
  opens_at?: string | null;
  closes_at?: string | null;
  closed_at?: string | null;
  tally?: Tally;
  quorum_line?: QuorumLine;
  mine?: { choice: Choice } | null;
}
export interface Practice {
  id: string;
  title: string | Bi;
  problem: string;
  context: string;
  evidence: Evidence[] | null;
  cost: string;
  contacts: string;
  agency: AgencyRef;
  stage: PracticeStage;
  ballots: BallotRef[] | null;
  created_at?: string;
  updated_at?: string;
  revision_hash?: string;
  hidden?: boolean;
  merged_into?: string;
  history?: HistoryRow[] | null;
  allowed?: { to: string; needs?: string[] }[] | null;
  /** Partners; empty for those who may not share it. */
  shared_with: PersonRef[];
  abilities: Abilities;
}

export type BallotState = "draft" | "scheduled" | "open" | "closed" | "certified" | "cancelled";
export type BallotResult = "carried" | "not_carried" | "not_quorate" | "tie" | "";
export type Choice = "for" | "against" | "abstain" | "recuse";
export interface Tally {
  E: number;
  R: number;
  C: number;
  V: number;
  for: number;
  against: number;
  abstain: number;
  recuse: number;
}
export interface QuorumLine {
  needed: number;
  cast: number;
  met: boolean;
}
export interface ThresholdLine {
  lhs: number;
  sign: string;
  rhs: number;
  met: boolean;
  text: Bi;
}
export interface ElectorRow {
  agency: AgencyRef;
  choice: Choice | null;
  reason: string | null;
  cast_by: PersonRef | null;
  cast_at: string | null;
}
export interface Ballot {
  /** Of the electorate, on the ballot's page. */
  narrowing?: Narrowing;
  id: string;
  subject: { kind: string; id: string; title: string | Bi; revision_hash: string };
  question: Bi;
  state: BallotState;
  result: BallotResult | null;
  threshold: string;
  quorum: number;
  reason_required: string;
  opens_at: string | null;
  closes_at: string;
  round: number;
  previous: string | null;
  electorate: ElectorRow[] | null;
  mine: { choice: Choice; reason: string | null; cast_by: PersonRef | null } | null;
  tally: Tally;
  quorum_line: QuorumLine;
  threshold_line: ThresholdLine;
  needs: Bi;
  abilities: Abilities;
  history: HistoryRow[] | null;
  agency: AgencyRef | null;
  in_electorate: boolean;
  next_round: string | null;
  threshold_lines: ThresholdLine[];
  close_cause: string;
  notice_closes_at: string | null;
  notice_reason: string;
  extended_from: string | null;
  certified_at: string | null;
  certified_by: PersonRef | null;
  certificate_hash: string;
  /** Opened by a tie. */
  discussion: string | null;
  early_close: boolean;
  closed_at: string | null;
}

export interface Post {
  id: string;
  person: PersonRef | null;
  agency: AgencyRef | null;
  /** Empty when hidden. */
  body: string;
  created_at: string;
  hidden: boolean;
}
export interface Discussion {
  id: string;
  subject_kind: string;
  subject_id: string;
  cause: string;
  ballot_id: string;
  opened_at: string;
  closed_at: string | null;
  /** Null also where the hub closed it with the next round. */
  closed_by: PersonRef | null;
  conclusion: string;
  count: number;
  posts: Post[];
  abilities: Abilities | null;
}

export interface DeskItem {
  id: string;
  kind: string;
  act: Bi;
  title: string | Bi;
  meta: Bi;
  at?: string | null;
  due_at: string | null;
  urgent: boolean;
  url: string;
}
export interface Desk {
  mine: DeskItem[];
  agency: DeskItem[];
  following: DeskItem[];
  counts: Record<string, number>;
}

export interface Flag {
  person: PersonRef | null;
  agency: AgencyRef | null;
  reason: string;
  text: string;
  at: string;
}
export interface ModerationItem {
  id: string;
  object: string;
  /** Prefix of the object's id. */
  kind: string;
  author: PersonRef | null;
  author_agency: AgencyRef | null;
  agency: AgencyRef | null;
  /** As flagged. */
  text: string;
  /** The moderator may not read it. */
  withheld: boolean;
  url: string;
  state: string;
  hidden: boolean;
  auto_hidden: boolean;
  claimed_by: PersonRef | null;
  claimed_at: string | null;
  reason: string;
  note: string;
  decided_by: PersonRef | null;
  decided_at: string | null;
  version: number;
  created_at: string;
  flags: Flag[] | null;
  abilities: Abilities;
}
export interface ModerationLogRow {
  at: string;
  kind: string;
  action: string;
  reason: string;
  outcome: string;
  item?: string;
  object?: string;
  note?: string;
  person?: PersonRef | null;
  /** Of who acted. */
  agency?: AgencyRef | null;
  /** The agency that the case belongs to. */
  owner?: AgencyRef | null;
}
