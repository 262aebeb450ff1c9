/** Finds the glossary's words in a line of text, with what is written onto an Arabic word: وبالمتعامل is و + ب + ال + متعامل. */
import type { Term } from "./api";
import { fold } from "./fold";

export interface Found {
  from: number;
  to: number;
  term: Term;
  /** The word is one that should not be used for the concept. */
  discouraged: boolean;
  /** What to write instead, with the same letters before it; null for a preferred word. */
  instead: string | null;
}

interface Form {
  words: string[];
  text: string;
  term: Term;
  discouraged: boolean;
  /** The last word has the article. */
  definite: boolean;
}

export interface Matcher {
  /** Forms by their first word without the article. */
  forms: ReadonlyMap<string, readonly Form[]>;
}

const word = /[\p{L}\p{N}\p{M}\u0640\u200c\u200d]+/gu;
const arabic = /[\u0600-\u06FF]/;

const bare = (w: string) => (w.startsWith("ال") && w.length > 3 ? w.slice(2) : w);

export function matcher(terms: readonly Term[]): Matcher {
  const forms = new Map<string, Form[]>();
  const add = (text: string, term: Term, discouraged: boolean) => {
    const words = [...fold(text).matchAll(word)].map((m) => m[0]);
    const first = words[0];
    if (!first) return;
    const key = bare(first);
    const list = forms.get(key) ?? [];
    list.push({ words: words.map(bare), text, term, discouraged, definite: words.at(-1)!.startsWith("ال") });
    forms.set(key, list);
  };
  for (const t of terms) {
    add(t.words.ar, t, false);
    add(t.words.en, t, false);
    for (const d of t.discouraged) add(d.text, t, true);
  }
  // The longest form at a place is the one that is meant.
  for (const list of forms.values()) list.sort((a, b) => b.words.length - a.words.length);
  return { forms };
}

/** How a folded word may be read: what stands before the word proper, whether it is definite, and the word. */
function readings(w: string): { prefix: string; definite: boolean; rest: string }[] {
  const out = [{ prefix: "", definite: false, rest: w }];
  if (!arabic.test(w)) return out;
  const article = (prefix: string, s: string) => {
    if (s.startsWith("ال") && s.length > 3) out.push({ prefix, definite: true, rest: s.slice(2) });
  };
  article("", w);
  for (const conj of ["", "و", "ف"]) {
    if (!w.startsWith(conj)) continue;
    const s = w.slice(conj.length);
    if (conj && s.length > 2) {
      out.push({ prefix: conj, definite: false, rest: s });
      article(conj, s);
    }
    for (const prep of ["ب", "ل", "ك"]) {
      if (!s.startsWith(prep) || s.length < 4) continue;
      out.push({ prefix: conj + prep, definite: false, rest: s.slice(1) });
      article(conj + prep, s.slice(1));
    }
    // ل + ال is written لل.
    if (s.startsWith("لل") && s.length > 4) out.push({ prefix: `${conj}ل`, definite: true, rest: s.slice(2) });
  }
  return out;
}

/** The preferred word with the prefix and the article of the one it replaces. */
function dress(preferred: string, prefix: string, definite: boolean): string {
  const has = preferred.startsWith("ال");
  const stem = definite && !has ? `ال${preferred}` : preferred;
  if (prefix.endsWith("ل") && stem.startsWith("ال")) return `${prefix}ل${stem.slice(2)}`;
  return prefix + stem;
}

/** The preferred phrase as definite as the one it replaces: of زمن انتظار comes مدّة انتظار, of زمن الانتظار comes مدّة الانتظار. */
function asDefinite(preferred: string, formDefinite: boolean, textDefinite: boolean): string {
  const last = preferred.lastIndexOf(" ") + 1;
  return last > 0 && formDefinite && !textDefinite && preferred.startsWith("ال", last) ? preferred.slice(0, last) + preferred.slice(last + 2) : preferred;
}

/** What the glossary knows in a line, in order, not overlapping. */
export function find(m: Matcher, line: string): readonly Found[] {
  const cache = seen.get(m) ?? new Map<string, readonly Found[]>();
  const hit = cache.get(line);
  if (hit) return hit;
  if (cache.size >= seenMost) cache.clear();
  const found = look(m, line);
  seen.set(m, cache.set(line, found));
  return found;
}

// The editor asks about every line on the screen with every key, and all but one are the same as before.
const seen = new WeakMap<Matcher, Map<string, readonly Found[]>>();
const seenMost = 1_000;

function look(m: Matcher, line: string): Found[] {
  if (m.forms.size === 0) return [];
  const words = [...line.matchAll(word)].map((x) => ({ from: x.index, to: x.index + x[0].length, folded: fold(x[0]) }));
  const out: Found[] = [];
  for (let i = 0; i < words.length; i++) {
    const hit = at(m, line, words, i);
    if (!hit) continue;
    out.push(hit.found);
    i += hit.length - 1;
  }
  return out;
}

function at(m: Matcher, line: string, words: { from: number; to: number; folded: string }[], i: number): { found: Found; length: number } | null {
  const here = words[i]!;
  let best: { found: Found; length: number } | null = null;
  for (const r of readings(here.folded)) {
    for (const form of m.forms.get(r.rest) ?? []) {
      const n = form.words.length;
      if (best && n <= best.length) break;
      const tail = words.slice(i + 1, i + n);
      if (tail.length !== n - 1 || tail.some((w, k) => bare(w.folded) !== form.words[k + 1])) continue;
      const last = tail.at(-1) ?? here;
      // Words of one term stand beside each other, with nothing but spaces between.
      if (n > 1 && /[^\s\p{L}\p{N}\p{M}\u0640\u200c\u200d]/u.test(line.slice(here.from, last.to))) continue;
      const preferred = arabic.test(form.text) ? form.term.words.ar : form.term.words.en;
      const whole = asDefinite(preferred, n > 1 && form.definite, last.folded.startsWith("ال"));
      const instead = form.discouraged ? dress(whole, r.prefix, r.definite && !form.text.startsWith("ال")) : null;
      best = { found: { from: here.from, to: last.to, term: form.term, discouraged: form.discouraged, instead }, length: n };
    }
  }
  return best;
}
