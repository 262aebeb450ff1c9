/** What the last scan of the text found, outside of React: only what shows it renders again when it changes. */
import { useSyncExternalStore } from "react";
import type { Scan } from "./editor/clauses";

export interface ScanStore {
  get(): Scan | null;
  set(s: Scan): void;
  subscribe(fn: () => void): () => void;
}

export function makeScanStore(): ScanStore {
  const listeners = new Set<() => void>();
  let value: Scan | null = null;
  return {
    get: () => value,
    set(s) {
      value = s;
      for (const fn of [...listeners]) fn();
    },
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  };
}

export function useScan(store: ScanStore): Scan | null {
  return useSyncExternalStore(store.subscribe, store.get);
}
