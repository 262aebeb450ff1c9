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

/** A function that runs fn in a frame: at once, then each `pace` milliseconds at most, and once more after the last call. */
export interface Paced {
  (): void;
  stop(): void;
}

export function paced(fn: () => void, pace: number): Paced {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = Number.NEGATIVE_INFINITY;
  const soon = () => {
    timer = null;
    frame = requestAnimationFrame(() => {
      frame = 0;
      last = performance.now();
      fn();
    });
  };
  const call = () => {
    if (frame || timer !== null) return;
    const wait = last + pace - performance.now();
    if (wait <= 0) soon();
    else timer = setTimeout(soon, wait);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
  };
  return Object.assign(call, { stop });
}

/** Calls fn whenever anything scrolls, until what it returns is called. */
export function onScroll(fn: Paced): () => void {
  document.addEventListener("scroll", fn, { capture: true, passive: true });
  return () => {
    document.removeEventListener("scroll", fn, { capture: true });
    fn.stop();
  };
}
