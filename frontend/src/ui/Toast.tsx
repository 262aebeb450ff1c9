import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";

export interface Note {
  id: number;
  text: ReactNode;
  undo?: { label: string; act: () => void };
}
/** The notices with one more, the last three; what was said already is said anew, not twice. */
export const withNote = (all: readonly Note[], note: Note): Note[] => [...all.filter((n) => n.undo || note.undo || typeof n.text !== "string" || n.text !== note.text).slice(-2), note];

type Show = (text: ReactNode, undo?: Note["undo"]) => void;
const Context = createContext<Show>(() => {});

/** Shows a short notice for ten seconds, with an undo when one is given; hovering or focus keeps it. */
export function useToast(): Show {
  return useContext(Context);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [notes, setNotes] = useState<Note[]>([]);
  const last = useRef(0);
  const close = useCallback((id: number) => setNotes((all) => all.filter((n) => n.id !== id)), []);
  const show = useCallback<Show>((text, undo) => {
    last.current += 1;
    const note = { id: last.current, text, undo };
    setNotes((all) => withNote(all, note));
  }, []);
  const value = useMemo(() => show, [show]);
  return (
    <Context value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {notes.map((n) => (
          <ToastRow key={n.id} note={n} close={close} />
        ))}
      </div>
    </Context>
  );
}

function ToastRow({ note, close }: { note: Note; close: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => close(note.id), 10_000);
    return () => clearTimeout(timer);
  }, [held, note.id, close]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: holding the notice while it is pointed at needs no role.
    <div className="toast" onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <span className="grow">{note.text}</span>
      {note.undo && (
        <button
          type="button"
          onClick={() => {
            note.undo?.act();
            close(note.id);
          }}
        >
          {note.undo.label}
        </button>
      )}
    </div>
  );
}
