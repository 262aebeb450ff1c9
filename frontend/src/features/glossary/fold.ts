/** The search normal form of the hub (pkg/arabic Fold), held to the same vectors. */
const dropped = /[\u0640\u064B-\u0652\u0670\u0653-\u065F\u06D6-\u06ED\u200C-\u200F\u202A-\u202E\u2066-\u2069]/g;
const letters: Record<string, string> = { أ: "ا", إ: "ا", آ: "ا", ٱ: "ا", ى: "ي", ی: "ي", ک: "ك", ة: "ه", ہ: "ه", ۀ: "ه" };

export function fold(s: string): string {
  return s
    .normalize("NFC")
    .replace(dropped, "")
    .replace(/[أإآٱىیکةہۀ]/g, (c) => letters[c] ?? c)
    .replace(/[٠-٩]/g, (c) => String(c.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (c) => String(c.charCodeAt(0) - 0x6f0))
    .toLowerCase();
}
