import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Icon } from "./Icon";

export type Tone = "agree" | "against" | "due" | "lapis" | "line" | "neutral";

/** A status: word, glyph and tint together, never colour alone. */
export function Tag({ tone = "neutral", icon, bare, children }: {
  tone?: Tone;
  icon?: LucideIcon;
  bare?: boolean;
  children: ReactNode;
}) {
  return (
    <span className={`tag ${tone === "neutral" ? "" : tone} ${bare ? "bare" : ""}`}>
      {icon && <Icon of={icon} />}
      {children}
    </span>
  );
}
