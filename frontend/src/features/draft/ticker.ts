/** Counts layout changes of the editor, at most once a frame, so that only what stands beside it renders again. */
export interface Ticker {
  tick(): void;
  subscribe(fn: () => void): () => void;
  count(): number;
}

export function makeTicker(): Ticker {
  const listeners = new Set<() => void>();
  let n = 0;
  let due = false;
  return {
    tick() {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        n++;
        for (const fn of [...listeners]) fn();
      });
    },
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    count: () => n,
  };
}
