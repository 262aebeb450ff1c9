/** What changed between two short texts, by whole words: an Arabic word keeps its joining only when it is shown whole. */

export interface Piece {
  kind: "same" | "del" | "ins";
  text: string;
}

const most = 1_500;

export function wordDiff(a: string, b: string): Piece[] {
  const x = a.match(/\s+|[^\s]+/g) ?? [];
  const y = b.match(/\s+|[^\s]+/g) ?? [];
  let head = 0;
  while (head < x.length && head < y.length && x[head] === y[head]) head++;
  let tail = 0;
  while (tail < x.length - head && tail < y.length - head && x[x.length - 1 - tail] === y[y.length - 1 - tail]) tail++;
  const out: Piece[] = [];
  const put = (kind: Piece["kind"], words: readonly string[]) => {
    const text = words.join("");
    const last = out.at(-1);
    if (text === "") return;
    if (last?.kind === kind) last.text += text;
    else out.push({ kind, text });
  };
  put("same", x.slice(0, head));
  const p = x.slice(head, x.length - tail);
  const q = y.slice(head, y.length - tail);
  if (p.length * q.length > most * most) {
    put("del", p);
    put("ins", q);
  } else {
    // The longest common words, from the end, so that reading the table forward gives the pieces in order.
    const w = q.length + 1;
    const t = new Uint16Array((p.length + 1) * w);
    for (let i = p.length - 1; i >= 0; i--) {
      for (let j = q.length - 1; j >= 0; j--) {
        t[i * w + j] = p[i] === q[j] ? t[(i + 1) * w + j + 1]! + 1 : Math.max(t[(i + 1) * w + j]!, t[i * w + j + 1]!);
      }
    }
    let i = 0;
    let j = 0;
    while (i < p.length || j < q.length) {
      if (i < p.length && j < q.length && p[i] === q[j]) {
        put("same", [p[i]!]);
        i++;
        j++;
      } else if (i < p.length && (j === q.length || t[(i + 1) * w + j]! >= t[i * w + j + 1]!)) put("del", [p[i++]!]);
      else put("ins", [q[j++]!]);
    }
  }
  put("same", x.slice(x.length - tail));
  return out;
}
