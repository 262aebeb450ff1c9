/** Writers without a screen: the application's own sessions and connections, many in one page (scripts/together.mjs puts them there). */
import { EditorState } from "@codemirror/state";
import { sharing } from "../src/features/draft/collab";
import type { DeviceStore } from "../src/features/draft/device";
import { Session } from "../src/features/draft/session";
import { Connection } from "../src/live/connection";

const memory: DeviceStore = { save: async () => {}, remove: async () => {}, list: async () => [], setAside: async () => {}, lock: async () => () => {} };

class Writer {
  state: EditorState | null = null;
  ws: WebSocket | null = null;
  typed = 0;
  readonly session: Session;

  constructor(draft: string, person: string) {
    const line = new Connection({
      connect: () => (this.ws = new WebSocket(`ws://${location.host}/api/v1/live`, "multaqa.v1")),
      setTimeout: (fn, ms) => window.setTimeout(fn, ms),
      clearTimeout: (t) => window.clearTimeout(t as number),
      now: () => performance.now(),
      random: () => Math.random(),
    });
    this.session = new Session({
      draft, person, store: memory,
      connect: (port) => line.open(port),
      ready: (start) => {
        this.state = EditorState.create({ doc: start.confirmed, extensions: [sharing(start)] });
        this.session.attach({ state: () => this.state!, dispatch: (spec) => void (this.state = this.state!.update(spec).state) });
      },
      presence: () => {},
      left: () => {},
    });
    this.session.begin();
    line.start();
  }

  /** Puts a letter somewhere behind the first `after` characters. */
  type(letter: string, after: number): void {
    const at = after + Math.floor(Math.random() * (this.state!.doc.length - after));
    this.state = this.state!.update({ changes: { from: at, insert: letter } }).state;
    this.session.edited();
    this.typed++;
  }
}

let writers: Writer[] = [];
let going = false;

Object.assign(window, {
  crowd: {
    begin(draft: string, person: string, n: number) {
      writers = Array.from({ length: n }, () => new Writer(draft, person));
    },
    ready: () => writers.every((w) => w.session.status.ready && w.session.status.online && w.state !== null),
    /** Everybody types a letter about every so many milliseconds, and one line is cut every so many. */
    go(letter: string, after: number, every: number, cutEvery: number) {
      going = true;
      for (const w of writers) {
        const next = () => {
          if (!going) return;
          w.type(letter, after);
          setTimeout(next, every * (0.5 + Math.random()));
        };
        setTimeout(next, Math.random() * every);
      }
      let turn = 0;
      const cut = () => {
        if (!going) return;
        writers[turn++ % writers.length]!.ws?.close();
        setTimeout(cut, cutEvery);
      };
      setTimeout(cut, cutEvery);
    },
    stop() {
      going = false;
      return writers.reduce((n, w) => n + w.typed, 0);
    },
    settled: () => writers.every((w) => w.session.status.online && w.session.status.pending === 0),
    texts: () => [...new Set(writers.map((w) => w.state!.doc.toString()))],
  },
});
