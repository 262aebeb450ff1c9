/** Puts margin cards beside their lines without overlap; the pinned one keeps its line and the others yield. */

const gap = 12;

export interface Card {
  id: string;
  /** Where it would like to stand, and how tall it is, in pixels. */
  top: number;
  height: number;
}

/** Tops by id, and where the last card ends. */
export interface Placed {
  tops: Map<string, number>;
  end: number;
}

/** Arranges cards that come sorted by the top they want. */
export function place(cards: readonly Card[], pinned: string | null): Placed {
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

/** Cards one below the other, in the order they come in. */
export function sequence(cards: readonly { id: string; height: number }[]): Placed {
  const tops = new Map<string, number>();
  let floor = 0;
  for (const c of cards) {
    tops.set(c.id, floor);
    floor += c.height + gap;
  }
  return { tops, end: Math.max(0, floor - gap) };
}

/** Where the reader is among cards of which there are too many to arrange them all. */
export interface Around {
  /** Place in the text of the first line on the screen. */
  from: number;
  /** Top of the screen in the margin, and how far below it cards are wanted, in pixels. */
  y: number;
  room: number;
  /** How far above the screen cards are wanted. */
  above: number;
}

/**
 * Tops of the cards whose lines are near the screen: the first line that is seen has its card beside it, the cards before
 * it yield upwards, and those after it follow until the room is used up. What is pinned and on the screen takes the place
 * of the first line; elsewhere it stands at its own line, so that what is being written in it stays.
 *
 * list is sorted by place in the text; others are further cards with their tops.
 */
export function around<T extends { id: string; from: number }>(list: readonly T[], at: Around, others: readonly Card[], topOf: (a: T) => number, height: (id: string) => number, pinned: string | null): Placed {
  const held = pinned === null ? undefined : list.find((a) => a.id === pinned);
  const heldTop = held ? topOf(held) : (others.find((c) => c.id === pinned)?.top ?? null);
  const seen = heldTop !== null && heldTop >= at.y - at.above && heldTop <= at.y + at.room;
  const centre = held && seen ? list.indexOf(held) : firstFrom(list, at.from);
  const cards: Card[] = [];
  let used = 0;
  for (let i = centre; i < list.length && used < at.room; i++) {
    const c = { id: list[i]!.id, top: topOf(list[i]!), height: height(list[i]!.id) };
    if (c.top > at.y + at.room) break;
    cards.push(c);
    used += c.height + gap;
  }
  const middle = cards[0]?.top ?? at.y;
  used = 0;
  for (let i = centre - 1; i >= 0; i--) {
    const c = { id: list[i]!.id, top: topOf(list[i]!), height: height(list[i]!.id) };
    used += c.height + gap;
    if (used > Math.min(at.above, middle) || c.top < middle - 2 * at.above) break;
    cards.push(c);
  }
  for (const c of others) if (c.id === pinned || (c.top >= middle - at.above && c.top <= middle + at.room)) cards.push(c);
  cards.sort((a, b) => a.top - b.top);
  const pin = seen && pinned !== null ? pinned : (list[centre]?.id ?? null);
  const placed = place(cards, pin);
  if (held && !placed.tops.has(held.id)) placed.tops.set(held.id, heldTop!);
  return placed;
}

function firstFrom(list: readonly { from: number }[], from: number): number {
  let lo = 0;
  let hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (list[mid]!.from < from) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
