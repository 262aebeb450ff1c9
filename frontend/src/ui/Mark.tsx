import "./Mark.css";

/** The network's mark; a placeholder a host replaces with its own. */
export function Mark({ boxed }: { boxed?: boolean }) {
  const svg = (
    <svg viewBox="0 0 30 30" aria-hidden="true" fill="none" stroke="#E9B949">
      <path d="M1.5 1.5h27v27h-27z" strokeWidth="2" />
      <path d="M5 5h20v20H5z" />
      <path d="M12 5v20" />
      <path d="M15 10h7M15 15h7M15 20h7" stroke="#F2F7F5" strokeWidth="2" />
      <path d="M7.5 12.5h2M7.5 17.5h2" stroke="#F2F7F5" strokeWidth="1.5" />
    </svg>
  );
  return boxed ? <span className="markbox">{svg}</span> : svg;
}
