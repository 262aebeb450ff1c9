/** Which threads of a list are shown: one way of looking, one kind, one agency, and words that are searched. */
import { pick } from "../../locales/i18n";
import type { Thread, ThreadKind } from "./threads";

export const looks = ["all", "me", "blocking", "inside", "proposing", "orphaned", "unanswered"] as const;
export type Look = (typeof looks)[number];
export interface Narrow {
  look: Look;
  kind: ThreadKind | "";
  agency: string;
  words: string;
}
export const wide: Narrow = { look: "all", kind: "", agency: "", words: "" };

/** Without marks and with the letters that are written in several ways made one, as search on the hub does it. */
export function fold(s: string): string {
  return s.toLowerCase().replace(/[\u064b-\u0652\u0670\u0640]/g, "").replace(/[أإآٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه");
}

export function looksLike(t: Thread, look: Look, me: string | undefined): boolean {
  const comments = t.comments ?? [];
  switch (look) {
    case "all":
      return true;
    case "me":
      if (t.brief) return t.brief.mine || t.brief.named;
      return t.author.person.id === me || comments.some((c) => c.author.person.id === me || (c.mentions ?? []).some((m) => m.id === me));
    case "blocking":
      return t.blocking;
    case "inside":
      return t.audience === "agency";
    case "proposing":
      return t.brief ? t.brief.proposing : t.proposal?.state === "open";
    case "orphaned":
      return t.orphaned;
    case "unanswered":
      // Begun by me, resolved by somebody else, and I said nothing after the first words.
      return t.state === "resolved" && t.author.person.id === me && t.resolved_by?.id !== me && !(t.brief ? t.brief.answered : comments.slice(1).some((c) => c.author.person.id === me));
  }
}

/** Threads narrowed down. Words are looked for in what is here; what is here briefly has none yet. */
export function narrowed(list: Thread[], n: Narrow, me: string | undefined): Thread[] {
  if (n.look === "all" && !n.kind && !n.agency && !n.words.trim()) return list;
  const words = fold(n.words.trim());
  return list.filter(
    (t) =>
      looksLike(t, n.look, me) &&
      (!n.kind || t.kind === n.kind) &&
      (!n.agency || t.author.agency?.id === n.agency) &&
      (!words ||
        [t.quote, t.outcome_note ?? "", t.proposal?.insertion ?? "", ...(t.comments ?? []).flatMap((c) => [c.body, pick(c.author.person.name, "ar"), pick(c.author.person.name, "en")])].some((s) =>
          fold(s).includes(words),
        )),
  );
}
