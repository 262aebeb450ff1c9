import { BookCheck, CircleDashed, FilePen, FileSearch, type LucideIcon, MessagesSquare, PencilLine, Stamp, Undo2, Vote } from "lucide-react";
import type { EditionState } from "../../api/types";
import type { Tone } from "../../ui/Tag";

/** Tone and glyph of each state of an edition. */
export const editionLook: Record<EditionState, { tone: Tone; icon: LucideIcon }> = {
  draft: { tone: "neutral", icon: FilePen },
  in_review: { tone: "due", icon: FileSearch },
  amends_needed: { tone: "against", icon: PencilLine },
  ready: { tone: "lapis", icon: Stamp },
  fact_check: { tone: "due", icon: FileSearch },
  fact_check_received: { tone: "due", icon: FileSearch },
  consultation: { tone: "due", icon: MessagesSquare },
  ballot: { tone: "due", icon: Vote },
  scheduled: { tone: "lapis", icon: CircleDashed },
  published: { tone: "agree", icon: BookCheck },
  superseded: { tone: "line", icon: CircleDashed },
  withdrawn: { tone: "against", icon: Undo2 },
  unpublished: { tone: "line", icon: CircleDashed },
  discarded: { tone: "line", icon: CircleDashed },
};
