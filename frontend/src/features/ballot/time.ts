/** An RFC 3339 time as the value of a datetime-local input, in the reader's zone. */
export function toLocalInput(at: string | number | Date): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The value of a datetime-local input as an RFC 3339 time in UTC; empty when it is not a time. */
export function fromLocalInput(value: string): string {
  const d = new Date(value);
  return Number.isNaN(d.getTime()) ? "" : d.toISOString();
}
