/** Puts margin cards beside their lines without overlap; the pinned one keeps its line and the others yield. */

const gap = 12;

export interface Card {
  id: string;
  /** Where it would like to stand, and how tall it is, in pixels. */
  top: number;
  height: number;
}

/** Tops by id, and where the last card ends. Cards come sorted by the top they want. */
export function place(cards: readonly Card[], pinned: string | null): { tops: Map<string, number>; end: number } {
  const tops = new Map<string, number>();
  const at = Math.max(0, cards.findIndex((c) => c.id === pinned));
  let end = 0;
  let floor = 0;
  const below = (from: number) => {
    for (let i = from; i < cards.length; i++) {
      const c = cards[i]!;
      const top = Math.max(floor, Math.max(0, c.top));
      tops.set(c.id, top);
      floor = top + c.height + gap;
      end = Math.max(end, top + c.height);
    }
  };
  if (cards.length === 0) return { tops, end };
  if (cards[at]!.id !== pinned) {
    below(0);
    return { tops, end };
  }
  // Above the pinned card the others move up as far as there is room; what does not fit pushes it down.
  const pin = cards[at]!;
  let room = 0;
  for (let i = 0; i < at; i++) room += cards[i]!.height + gap;
  const pinTop = Math.max(pin.top, room, 0);
  let ceiling = pinTop;
  for (let i = at - 1; i >= 0; i--) {
    const c = cards[i]!;
    const top = Math.min(Math.max(0, c.top), ceiling - gap - c.height);
    tops.set(c.id, top);
    ceiling = top;
  }
  // Going up may have squeezed some above the start: push them down again in order.
  floor = 0;
  for (let i = 0; i < at; i++) {
    const c = cards[i]!;
    const top = Math.max(floor, tops.get(c.id)!);
    tops.set(c.id, top);
    floor = top + c.height + gap;
  }
  tops.set(pin.id, pinTop);
  end = pinTop + pin.height;
  floor = end + gap;
  below(at + 1);
  return { tops, end };
}
