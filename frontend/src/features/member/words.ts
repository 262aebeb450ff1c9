import { useQuery } from "@tanstack/react-query";
import { pick } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { type AgencyWord, wordsQuery } from "./api";

/** What a tier, kind, sector or area is called; its code until the hub has said so. */
export function useWords() {
  const locale = useLocale();
  const words = useQuery(wordsQuery).data?.items;
  return (axis: AgencyWord["axis"], code: string) => {
    const known = words?.find((w) => w.axis === axis && w.code === code);
    return known ? pick(known.name, locale) : code;
  };
}
