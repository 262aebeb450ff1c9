import { useEffect, useRef } from "react";

/**
 * J and K move between the rows of a register (by key position, so that they work in every layout); Enter opens,
 * because what has focus is the row's link. Rows mark it with data-row.
 */
export function useRegisterKeys<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.code !== "KeyJ" && e.code !== "KeyK") return;
      const el = e.target instanceof HTMLElement ? e.target : null;
      if (e.ctrlKey || e.metaKey || e.altKey || el?.isContentEditable || el?.closest("input,textarea,select,[role=dialog],[role=menu]")) return;
      const rows = [...(ref.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
      if (rows.length === 0) return;
      const at = rows.findIndex((r) => r === document.activeElement);
      const next = e.code === "KeyJ" ? Math.min(rows.length - 1, at + 1) : Math.max(0, at - 1);
      rows[next]?.focus();
      e.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return ref;
}
