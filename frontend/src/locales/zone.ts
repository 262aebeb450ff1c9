/** The network's time zone: every date of the hub is shown and typed in it, wherever the reader's device is. */
import { fromDate, parseDateTime, toCalendarDate, toZoned } from "@internationalized/date";

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Told once the session is read; until then it is the device's. */
export function setZone(name: string | undefined): void {
  if (name) zone = name;
}

export const networkZone = (): string => zone;

/** The first moment of the day that holds `at`, in milliseconds, and of the days after it. */
export function startOfDay(at: number, after = 0): number {
  const day = toCalendarDate(fromDate(new Date(at), zone)).add({ days: after });
  return toZoned(day, zone).toDate().getTime();
}

/** 0 Sunday to 6 Saturday, of the day that holds `at`. */
export function dayOfWeek(at: number): number {
  return toCalendarDate(fromDate(new Date(at), zone)).toDate("UTC").getUTCDay();
}

/** An RFC 3339 time as the value of a datetime-local input. */
export function toLocalInput(at: string | number | Date): string {
  const z = fromDate(new Date(at), zone);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${z.year}-${two(z.month)}-${two(z.day)}T${two(z.hour)}:${two(z.minute)}`;
}

/** The value of a datetime-local input as an RFC 3339 time in UTC; empty when it is not a time. */
export function fromLocalInput(value: string): string {
  try {
    return toZoned(parseDateTime(value), zone).toDate().toISOString();
  } catch {
    return "";
  }
}
