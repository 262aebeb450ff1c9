/**
 * Where the others are: their selection and a caret with name and agency. They are drawn on a layer over the text, not in
 * it: an element inside a word would break the joining of its letters.
 */
import { EditorSelection, type Extension, Facet, StateEffect, StateField } from "@codemirror/state";
import { EditorView, layer, type LayerMarker, RectangleMarker } from "@codemirror/view";

export interface PeerLook {
  /** Name and agency as the flag says them. */
  label: string;
  /** Agency hue 1 to 8. */
  hue: number;
}
export interface RemoteCaret {
  client: number;
  anchor: number;
  head: number;
  /** Changes whenever the person moved, so that the flag shows again. */
  stamp: number;
}

/** Looks up how a client is shown; null hides it. */
export const peerLooks = Facet.define<(client: number) => PeerLook | null, (client: number) => PeerLook | null>({ combine: (v) => v[0] ?? (() => null) });

export const caretMoved = StateEffect.define<RemoteCaret>();
export const caretLeft = StateEffect.define<number>();

const carets = StateField.define<readonly RemoteCaret[]>({
  create: () => [],
  update(list, tr) {
    let next = list;
    if (tr.docChanged && next.length > 0) {
      next = next.map((c) => ({ ...c, anchor: tr.changes.mapPos(c.anchor, 1), head: tr.changes.mapPos(c.head, 1) }));
    }
    for (const e of tr.effects) {
      if (e.is(caretMoved)) {
        const end = tr.newDoc.length;
        const c = { ...e.value, anchor: Math.min(e.value.anchor, end), head: Math.min(e.value.head, end) };
        next = [...next.filter((x) => x.client !== c.client), c];
      } else if (e.is(caretLeft)) {
        next = next.filter((x) => x.client !== e.value);
      }
    }
    return next;
  },
});

class Flag implements LayerMarker {
  constructor(
    private readonly x: number,
    private readonly y: number,
    private readonly height: number,
    private readonly look: PeerLook,
    private readonly stamp: number,
    private readonly rtl: boolean,
    private readonly below: boolean,
  ) {}
  eq(o: LayerMarker): boolean {
    return o instanceof Flag && o.x === this.x && o.y === this.y && o.height === this.height && o.look.label === this.look.label && o.look.hue === this.look.hue && o.stamp === this.stamp;
  }
  draw() {
    const el = document.createElement("div");
    const b = document.createElement("b");
    b.textContent = this.look.label;
    b.dir = "auto";
    el.append(b);
    this.place(el);
    return el;
  }
  // The same element moves, so the flag only starts to fade anew when the person moved.
  update(el: HTMLElement, old: LayerMarker) {
    if (!(old instanceof Flag) || old.stamp !== this.stamp || old.look.label !== this.look.label) return false;
    this.place(el);
    return true;
  }
  private place(el: HTMLElement) {
    el.className = `cm-peer h${this.look.hue}${this.rtl ? " to-left" : ""}${this.below ? " below" : ""}`;
    // Positions measured on the screen: the one place where a physical side is right.
    el.style.left = `${this.x}px`;
    el.style.top = `${this.y}px`;
    el.style.height = `${this.height}px`;
  }
}

function origin(view: EditorView) {
  const rect = view.scrollDOM.getBoundingClientRect();
  return { left: rect.left - view.scrollDOM.scrollLeft * view.scaleX, top: rect.top - view.scrollDOM.scrollTop * view.scaleY };
}

/** Draws remote carets and selections. */
export function remoteCarets(): Extension {
  const flags = layer({
    above: true,
    class: "cm-peers",
    update: (u) => u.docChanged || u.viewportChanged || u.geometryChanged || u.startState.field(carets) !== u.state.field(carets),
    markers(view) {
      const looks = view.state.facet(peerLooks);
      const out: LayerMarker[] = [];
      const base = origin(view);
      for (const c of view.state.field(carets)) {
        const look = looks(c.client);
        if (!look || c.head < view.viewport.from || c.head > view.viewport.to) continue;
        const at = view.coordsAtPos(c.head, 1) ?? view.coordsAtPos(c.head, -1);
        if (!at) continue;
        const rtl = view.textDirectionAt(c.head) === 1;
        out.push(new Flag((at.left - base.left) / view.scaleX, (at.top - base.top) / view.scaleY, (at.bottom - at.top) / view.scaleY, look, c.stamp, rtl, at.top - base.top < 24));
      }
      return out;
    },
  });
  const selections = layer({
    above: false,
    class: "cm-peer-sels",
    update: (u) => u.docChanged || u.viewportChanged || u.geometryChanged || u.startState.field(carets) !== u.state.field(carets),
    markers(view) {
      const looks = view.state.facet(peerLooks);
      const out: LayerMarker[] = [];
      for (const c of view.state.field(carets)) {
        const look = looks(c.client);
        if (!look || c.anchor === c.head) continue;
        const range = EditorSelection.range(Math.min(c.anchor, c.head), Math.max(c.anchor, c.head));
        out.push(...RectangleMarker.forRange(view, `cm-peer-sel h${look.hue}`, range));
      }
      return out;
    },
  });
  return [carets, flags, selections];
}
