/**
 * The one way in which a string becomes markup. Trusted Types let no other string do so, so a new place that wants it
 * has to come through here and say why it may.
 */
interface Rules {
  createHTML: (s: string) => string | null;
}
interface Policy {
  createHTML: (s: string) => unknown;
}
const types = (window as { trustedTypes?: { createPolicy: (name: string, rules: Rules) => Policy } }).trustedTypes;
const policy = types?.createPolicy("hub", { createHTML: (s) => s });

// Turndown looks, as it loads, whether the browser parses an empty page. Strings that hold anything are refused here as
// they are without this policy.
types?.createPolicy("default", { createHTML: (s) => (s === "" ? s : null) });

function trusted(html: string): string {
  return (policy ? policy.createHTML(html) : html) as string;
}

/** Markup that the hub rendered and cleaned: `dangerouslySetInnerHTML={fromHub(html)}`. */
export function fromHub(html: string): { __html: string } {
  return { __html: trusted(html) };
}

/** Foreign markup as a document that is only read: it loads and runs nothing, and no node of it may enter a page. */
export function toRead(html: string): Document {
  return new DOMParser().parseFromString(trusted(html), "text/html");
}
