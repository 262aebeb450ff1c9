import type { ReactNode } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";

/** One choice of a few, side by side; arrow keys follow the reading direction. */
export function Segmented<T extends string>({ label, value, options, onChange, className = "" }: {
  label: string;
  value: T;
  options: { value: T; label: ReactNode }[];
  onChange: (v: T) => void;
  className?: string;
}) {
  return (
    <ToggleButtonGroup
      className={`seg ${className}`}
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const [first] = keys;
        if (first !== undefined) onChange(first as T);
      }}
    >
      {options.map((o) => (
        <ToggleButton key={o.value} id={o.value} className={({ isSelected }) => (isSelected ? "on" : "")}>
          {o.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
