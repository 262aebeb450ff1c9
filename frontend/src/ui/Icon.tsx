import type { LucideIcon } from "lucide-react";

/** A Lucide icon in the drawn weight. With flip it turns with the reading direction. Decorative unless labelled. */
export function Icon({ of: Glyph, small, flip, label, className = "" }: {
  of: LucideIcon;
  small?: boolean;
  flip?: boolean;
  label?: string;
  className?: string;
}) {
  const cls = `ic ${small ? "s" : ""} ${flip ? "flip" : ""} ${className}`.trim();
  return label ? <Glyph className={cls} role="img" aria-label={label} /> : <Glyph className={cls} aria-hidden="true" />;
}
