/**
 * The one way in which markup from the hub becomes part of a page. Trusted Types let no other string become markup, so
 * a new place that wants it has to come through here and say why it may.
 */
interface Policy {
  createHTML: (s: string) => unknown;
}
const types = (window as { trustedTypes?: { createPolicy: (name: string, rules: { createHTML: (s: string) => string }) => Policy } }).trustedTypes;
const policy = types?.createPolicy("hub", { createHTML: (s) => s });

/** Markup that the hub rendered and cleaned: `dangerouslySetInnerHTML={fromHub(html)}`. */
export function fromHub(html: string): { __html: string } {
  return { __html: (policy ? policy.createHTML(html) : html) as string };
}
