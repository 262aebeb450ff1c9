import { type AnchorHTMLAttributes, type ButtonHTMLAttributes, type Ref, useEffect, useState } from "react";

type Tone = "plain" | "primary" | "quiet" | "agree" | "against" | "danger";

interface Look {
  /** One primary (ink) button in a region; quiet is lapis text. */
  tone?: Tone;
  small?: boolean;
  wide?: boolean;
}

function look({ tone = "plain", small, wide }: Look, extra = ""): string {
  return ["btn", tone === "plain" ? "" : tone, small ? "sm" : "", wide ? "wide" : "", extra].filter(Boolean).join(" ");
}

/** A button. While pending it keeps focus, ignores presses and says so to assistive technology. */
export function Button({ tone, small, wide, pending, className, onClick, ref, ...rest }:
  Look & { pending?: boolean; ref?: Ref<HTMLButtonElement> } & ButtonHTMLAttributes<HTMLButtonElement>) {
  const slow = useAfter(!!pending, 300);
  return (
    <button
      type="button"
      {...rest}
      ref={ref}
      className={look({ tone, small, wide }, className)}
      aria-disabled={pending || undefined}
      aria-busy={slow || undefined}
      onClick={(e) => {
        if (pending) e.preventDefault();
        else onClick?.(e);
      }}
    />
  );
}

/** A plain link that looks like a button; for pages outside the application. */
export function ButtonAnchor({ tone, small, wide, className, ...rest }: Look & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a {...rest} className={look({ tone, small, wide }, className)} />;
}

/** Class names of a button, for router links. */
export function buttonClass(l: Look = {}): string {
  return look(l);
}

/** True once on has been true for ms: what is quick shows no waiting state. */
export function useAfter(on: boolean, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!on) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [on, ms]);
  return late;
}
