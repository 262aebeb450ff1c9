/**
 * What somebody wrote into a form and has not sent: kept in this tab for them alone, through a reload, a lost session and the form's closing. It ends with
 * the tab, with what sends it, and when they sign out.
 */

const prefix = "multaqa.kept.";

export interface Kept<T> {
  /** What was kept; null where nothing was, or nothing can be. */
  read(): T | null;
  keep(value: T): void;
  forget(): void;
}

/** The place of one form of one person; names are the program's own. */
export function keptOf<T extends object>(person: string, name: string): Kept<T> {
  const key = `${prefix}${person}.${name}`;
  return {
    read() {
      try {
        const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
        return value && typeof value === "object" ? (value as T) : null;
      } catch {
        return null; // unreadable is nothing
      }
    },
    keep(value) {
      if (!person) return; // a form outlives the session by a moment
      try {
        sessionStorage.setItem(key, JSON.stringify(value));
      } catch {
        // In memory only.
      }
    },
    forget() {
      try {
        sessionStorage.removeItem(key);
      } catch {
        // Nothing was kept.
      }
    },
  };
}

/** Forgets everything: whoever comes to this tab next finds nothing. */
export function forgetKept(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
