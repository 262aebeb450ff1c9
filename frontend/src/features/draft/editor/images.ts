/**
 * Images of the text: brought in by paste, drop or the file picker, sent with a placeholder where they will stand, and
 * shown below the line that names them. The text holds nothing but Markdown; what is shown is drawn beside it.
 */
import { EditorSelection, type EditorState, type Extension, Facet, type Range, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { dots } from "./addresses";

export interface ImageWords {
  /** The words that stand for the description until somebody writes one. */
  alt: string;
  /** Says that an image has no description. */
  missing: string;
  sending(name: string, percent: number): string;
}
export interface Sent {
  address: string;
}
export interface ImageHooks {
  /** Sends a file to the hub; rejects with the reason in words of the person's language. */
  send(file: File, progress: (part: number) => void): Promise<Sent>;
  failed(reason: unknown, file: File): void;
  words(): ImageWords;
}

export const imageHooks = Facet.define<ImageHooks, ImageHooks | null>({ combine: (v) => v[0] ?? null });

// ---- shown below their lines --------------------------------------------------------------------------------------

const reference = /!\[((?:\\.|[^\]\\])*)\]\((\/files\/[0-9a-f]{64}\.(?:png|jpg|gif|webp))(?:\s[^)]*)?\)/g;

class Picture extends WidgetType {
  constructor(readonly address: string, readonly alt: string) {
    super();
  }
  override eq(o: Picture) {
    return o.address === this.address && o.alt === this.alt;
  }
  override get estimatedHeight() {
    return 240;
  }
  override toDOM(view: EditorView) {
    const box = document.createElement("figure");
    box.className = "cm-picture";
    const img = document.createElement("img");
    img.src = this.address;
    img.alt = this.alt;
    img.addEventListener("load", () => view.requestMeasure());
    img.addEventListener("error", () => {
      box.classList.add("broken");
      view.requestMeasure();
    });
    box.append(img);
    const words = view.state.facet(imageHooks)?.words();
    if (words && (this.alt.trim() === "" || this.alt === words.alt)) {
      const note = document.createElement("figcaption");
      note.textContent = words.missing;
      box.append(note);
    }
    return box;
  }
  override ignoreEvent() {
    return false;
  }
}

// Nobody reads an address of 64 digits.
const shownDigits = 6;

function picturesOf(doc: Text, from: number, to: number): Range<Decoration>[] {
  const out: Range<Decoration>[] = [];
  for (let pos = from; pos <= to; ) {
    const line = doc.lineAt(pos);
    pos = line.to + 1;
    // Rows of a table stay together.
    if (!line.text.includes("](/files/") || line.text.startsWith("|")) continue;
    for (const m of line.text.matchAll(reference)) {
      const hash = line.from + m.index + m[0].indexOf("](/files/") + "](/files/".length;
      out.push(dots.range(hash + shownDigits, hash + 64));
      out.push(Decoration.widget({ widget: new Picture(m[2]!, m[1]!), block: true, side: 1 }).range(line.to));
    }
  }
  return out;
}

const pictures = StateField.define<DecorationSet>({
  create(state) {
    // Most texts have no image, and a search of the whole is quick where a search line by line is not.
    const text = state.doc.length > 0 && state.doc.sliceString(0).includes("](/files/");
    return text ? Decoration.set(picturesOf(state.doc, 0, state.doc.length)) : Decoration.none;
  },
  update(set, tr) {
    if (!tr.docChanged) return set;
    let next = set.map(tr.changes);
    const { doc } = tr.state;
    tr.changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
      const from = doc.lineAt(fromB).from;
      const to = doc.lineAt(toB).to;
      next = next.update({ filterFrom: from, filterTo: to, filter: () => false, add: picturesOf(doc, from, to) });
    });
    return next;
  },
  provide: (f) => [EditorView.decorations.from(f), EditorView.atomicRanges.of((view) => view.state.field(f))],
});

// ---- on their way -------------------------------------------------------------------------------------------------

interface Upload {
  id: number;
  name: string;
  percent: number;
}
const begin = StateEffect.define<{ at: number; upload: Upload }>({ map: (v, c) => ({ ...v, at: c.mapPos(v.at) }) });
const advance = StateEffect.define<{ id: number; percent: number }>();
const end = StateEffect.define<number>();

class Placeholder extends WidgetType {
  constructor(readonly upload: Upload, readonly label: string) {
    super();
  }
  override eq(o: Placeholder) {
    return o.upload.id === this.upload.id && o.label === this.label;
  }
  override toDOM() {
    const el = document.createElement("span");
    el.className = "cm-sending";
    el.setAttribute("role", "status");
    el.textContent = this.label;
    return el;
  }
}

function mark(state: EditorState, upload: Upload, at: number): Range<Decoration> {
  const words = state.facet(imageHooks)?.words();
  return Decoration.widget({ widget: new Placeholder(upload, words?.sending(upload.name, upload.percent) ?? upload.name), side: 1, upload }).range(at);
}

const uploads = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, tr) {
    let next: RangeSet<Decoration> = set.map(tr.changes);
    for (const e of tr.effects) {
      if (e.is(begin)) next = next.update({ add: [mark(tr.state, e.value.upload, e.value.at)] });
      else if (e.is(end)) next = next.update({ filter: (_f, _t, d) => d.spec.upload.id !== e.value });
      else if (e.is(advance)) {
        const at = placeOf(next, e.value.id);
        const old = at === null ? null : uploadOf(next, e.value.id);
        if (at !== null && old) next = next.update({ filter: (_f, _t, d) => d.spec.upload.id !== old.id, add: [mark(tr.state, { ...old, percent: e.value.percent }, at)] });
      }
    }
    return next;
  },
  provide: (f) => EditorView.decorations.from(f),
});

function placeOf(set: DecorationSet, id: number): number | null {
  for (const c = set.iter(); c.value; c.next()) if (c.value.spec.upload.id === id) return c.from;
  return null;
}
function uploadOf(set: DecorationSet, id: number): Upload | null {
  for (const c = set.iter(); c.value; c.next()) if (c.value.spec.upload.id === id) return c.value.spec.upload;
  return null;
}

let nextUpload = 1;

/** Whether a file claims to be an image that the hub may take; the hub looks for itself. */
export function isImage(f: File): boolean {
  return /^image\/(?:png|jpeg|gif|webp)$/.test(f.type);
}

/** Sends images and puts each into the text when it has arrived, where its placeholder stands by then. */
export async function insertImages(view: EditorView, files: readonly File[], at: number): Promise<void> {
  const hooks = view.state.facet(imageHooks);
  if (!hooks || view.state.readOnly) return;
  await Promise.all(
    files.map(async (file) => {
      const id = nextUpload++;
      view.dispatch({ effects: begin.of({ at: Math.min(at, view.state.doc.length), upload: { id, name: file.name, percent: 0 } }) });
      try {
        const sent = await hooks.send(file, (part) => view.dispatch({ effects: advance.of({ id, percent: Math.round(part * 100) }) }));
        const pos = placeOf(view.state.field(uploads), id);
        view.dispatch({ effects: end.of(id) });
        if (pos !== null && !view.state.readOnly) place(view, pos, sent.address, hooks.words().alt);
      } catch (reason) {
        view.dispatch({ effects: end.of(id) });
        hooks.failed(reason, file);
      }
    }),
  );
}

// A block of its own; its description is selected, to be written over, unless the caret went elsewhere meanwhile.
function place(view: EditorView, asked: number, address: string, alt: string): void {
  const { state } = view;
  const line = state.doc.lineAt(asked);
  // The description of an image that came before is selected still; the next one comes behind that image, not into its words.
  const inside = [...line.text.matchAll(reference)].find((m) => line.from + m.index < asked && asked < line.from + m.index + m[0].length);
  const pos = inside ? line.from + inside.index + inside[0].length : asked;
  const before = state.sliceDoc(line.from, pos).trim() === "" ? (line.number > 1 && state.doc.line(line.number - 1).text.trim() !== "" ? "\n" : "") : "\n\n";
  const after = state.sliceDoc(pos, line.to).trim() === "" ? "" : "\n\n";
  const insert = `${before}![${alt}](${address})${after}`;
  const from = pos + before.length + 2;
  const near = state.selection.main.empty && Math.abs(state.selection.main.head - pos) <= 1;
  view.dispatch({
    changes: { from: pos, insert },
    ...(near ? { selection: EditorSelection.range(from, from + alt.length), scrollIntoView: true } : {}),
    userEvent: "input.paste",
  });
}

/** Images below their lines, and files dropped onto the text. */
export function images(hooks: ImageHooks): Extension {
  return [
    imageHooks.of(hooks),
    pictures,
    uploads,
    EditorView.domEventHandlers({
      drop(e, view) {
        const files = [...(e.dataTransfer?.files ?? [])];
        if (files.length === 0 || view.state.readOnly) return false;
        e.preventDefault();
        const pos = view.posAtCoords({ x: e.clientX, y: e.clientY }, false);
        // Before a paragraph or behind it: nobody means the middle of its words.
        const line = view.state.doc.lineAt(pos);
        void insertImages(view, files, pos === line.from ? pos : line.to);
        return true;
      },
    }),
  ];
}

/** Addresses of the images shown, in order. */
export function shownImages(state: EditorState): string[] {
  const out: string[] = [];
  for (const c = state.field(pictures).iter(); c.value; c.next()) if (c.value.spec.widget instanceof Picture) out.push(c.value.spec.widget.address);
  return out;
}
