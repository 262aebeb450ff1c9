import { CircleAlert } from "lucide-react";
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";
import { Icon } from "./Icon";
import { useValidity } from "./validity";

interface Shell {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong, above the field and read with it. */
  error?: string;
}

function Wrap({ id, label, hint, error, children }: Shell & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label className="lab" htmlFor={id}>
        {label}
      </label>
      {hint && (
        <span className="hint" id={`${id}-h`}>
          {hint}
        </span>
      )}
      {error && (
        <span className="errmsg" id={`${id}-e`}>
          <Icon of={CircleAlert} small />
          {error}
        </span>
      )}
      {children}
    </div>
  );
}

function described(id: string, hint: unknown, error: unknown) {
  const ids = [hint ? `${id}-h` : "", error ? `${id}-e` : ""].filter(Boolean).join(" ");
  return { "aria-describedby": ids || undefined, "aria-invalid": error ? true : undefined } as const;
}

/** What an empty field shows where no example is given: `:placeholder-shown` tells an empty field only where there is one. */
const nothing = " ";

/** A labelled line of text. Machine values (e-mail, link) pass dir="ltr"; people's text is dir="auto" by default. */
export function Field({ label, hint, error: given, className = "", ...rest }: Shell & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const [error, watched] = useValidity(given);
  return (
    <Wrap id={id} label={label} hint={hint} error={error}>
      <input dir="auto" placeholder={nothing} {...rest} id={id} {...watched} className={`input ${error ? "err" : ""} ${className}`} {...described(id, hint, error)} />
    </Wrap>
  );
}

/** A labelled passage of text, set in the text voice. */
export function Area({ label, hint, error: given, className = "", ...rest }: Shell & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const [error, watched] = useValidity(given);
  return (
    <Wrap id={id} label={label} hint={hint} error={error}>
      <textarea dir="auto" placeholder={nothing} rows={3} {...rest} id={id} {...watched} className={`input text ${error ? "err" : ""} ${className}`} {...described(id, hint, error)} />
    </Wrap>
  );
}

/** A labelled choice from a list. */
export function Select({ label, hint, error: given, options, ...rest }:
  Shell & { options: { value: string; label: string }[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const [error, watched] = useValidity(given);
  return (
    <Wrap id={id} label={label} hint={hint} error={error}>
      <select {...rest} id={id} {...watched} className={`input ${error ? "err" : ""}`} {...described(id, hint, error)}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
    </Wrap>
  );
}

/** A labelled box to tick. */
export function Check({ label, hint, ...rest }: { label: ReactNode; hint?: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="opt">
      <input type="checkbox" {...rest} />
      <span>
        {label}
        {hint && <span className="meta hint">{hint}</span>}
      </span>
    </label>
  );
}
