/** Counts layout changes of the editor, at most once a frame, so that only what stands beside it renders again. */
export interface Ticker {
  /** Something moved: what stands beside the text follows in the next frame. */
  tick(): void;
  /** Something was typed that moved nothing: what stands beside the text follows when the keys leave time for it. */
  later(): void;
  subscribe(fn: () => void): () => void;
  count(): number;
}

const longest = 250;
// Safari has no idle callbacks.
const idle = (fn: () => void) => (typeof requestIdleCallback === "function" ? requestIdleCallback(fn, { timeout: longest }) : setTimeout(fn, longest / 2));

export function makeTicker(): Ticker {
  const listeners = new Set<() => void>();
  let n = 0;
  let due = false;
  let waiting = false;
  const tick = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      n++;
      for (const fn of [...listeners]) fn();
    });
  };
  return {
    tick,
    later() {
      if (due || waiting) return;
      waiting = true;
      idle(() => {
        waiting = false;
        tick();
      });
    },
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    count: () => n,
  };
}
