import { useMemo } from "react";
import { type Kept, keptOf } from "../api/kept";
import { useSession } from "../api/session";

/** Where one form keeps what its person has not sent. */
export function useKept<T extends object>(name: string): Kept<T> {
  const person = useSession()?.person?.id ?? "";
  return useMemo(() => keptOf<T>(person, name), [person, name]);
}
