/** What the last scan of the text found, outside of React: only what shows it renders again when it changes. */
import { useSyncExternalStore } from "react";
import type { Scan } from "./editor/clauses";
import type { Heading } from "./editor/outline";

export interface ScanStore {
  /** The last scan, with the places as they were then; null before the first. */
  get(): Scan | null;
  /** The headings of some scan that say what those of the last one say. They are new only when a level, a number or words are; their places may be old. */
  headings(): readonly Heading[];
  words(): number | null;
  set(s: Scan): void;
  subscribe(fn: () => void): () => void;
}

const none: readonly Heading[] = [];

export function makeScanStore(): ScanStore {
  const listeners = new Set<() => void>();
  let value: Scan | null = null;
  let headings = none;
  return {
    get: () => value,
    headings: () => headings,
    words: () => value?.words ?? null,
    set(s) {
      value = s;
      if (!alike(headings, s.outline.headings)) headings = s.outline.headings;
      for (const fn of [...listeners]) fn();
    },
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  };
}

function alike(a: readonly Heading[], b: readonly Heading[]): boolean {
  return a.length === b.length && a.every((h, i) => h.level === b[i]!.level && h.number === b[i]!.number && h.text === b[i]!.text);
}

/** Headings for showing them; where they stand is asked of the store when it matters. */
export function useHeadings(store: ScanStore): readonly Heading[] {
  return useSyncExternalStore(store.subscribe, store.headings);
}

export function useWords(store: ScanStore): number | null {
  return useSyncExternalStore(store.subscribe, store.words);
}

/** Whether the text was read through once. */
export function useOpened(store: ScanStore): boolean {
  return useSyncExternalStore(store.subscribe, () => store.get() !== null);
}
