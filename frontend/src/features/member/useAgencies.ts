/** Agencies where one is looked for by eye: in the order of their names in the reader's language, not of their codes. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Bi, Locale } from "../../api/types";
import { pick } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { agenciesQuery } from "./api";

/** A copy of the list in the order of the names, as the language sorts them. */
export function byName<T>(list: readonly T[], name: (of: T) => Bi, locale: Locale): T[] {
  const { compare } = new Intl.Collator(locale);
  return [...list].sort((a, b) => compare(pick(name(a), locale), pick(name(b), locale)));
}

/** All member agencies and the secretariat; none while they are read. */
export function useAgencies() {
  const locale = useLocale();
  const { data } = useQuery(agenciesQuery);
  return useMemo(() => byName(data?.items ?? [], (a) => a.short, locale), [data, locale]);
}
