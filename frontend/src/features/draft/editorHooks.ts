/** What the editor asks of the hub besides its text: images and the guidelines to link to. */
import { ApiFault, api, query, upload } from "../../api/client";
import type { Guideline, GuidelineItem, Locale, Page } from "../../api/types";
import { pick, type Translate } from "../../locales/i18n";
import type { ImageHooks, Sent } from "./editor/images";
import type { LinkHooks } from "./editor/links";

/** `now` gives the words of the interface as they are at the moment; the editor outlives a change of language. */
export interface Wording {
  t: Translate;
  locale: Locale;
  num(n: number): string;
}

export function imagesOf(draft: string, now: () => Wording, say: (words: string) => void): ImageHooks {
  return {
    send: (file, progress) => upload<Sent>(`/drafts/${draft}/images`, file, progress),
    failed(reason) {
      const { t, locale } = now();
      const words = reason instanceof ApiFault ? reason.title[locale] : "";
      say(words || t("draft.image.failed"));
    },
    words() {
      const { t, num } = now();
      return { alt: t("draft.image.alt"), missing: t("draft.image.missing"), sending: (name, n) => t("draft.image.sending", { name, n: num(n) }) };
    },
  };
}

interface Toc {
  toc: { id: string; number: string; text: string }[] | null;
}

export function linksOf(now: () => Wording, lang: string): LinkHooks {
  return {
    async guides(q, signal) {
      const { locale } = now();
      const found = await api.get<Page<GuidelineItem>>(`/guidelines${query({ q, limit: 20 })}`, signal);
      return found.items.map((g) => ({ id: g.id, title: pick(g.title, lang === "en" ? "en" : "ar"), of: g.agency ? pick(g.agency.short, locale) : "" }));
    },
    async clauses(guide, signal) {
      const g = await api.get<Guideline>(`/guidelines/${guide}`, signal);
      const edition = g.current?.id ?? g.in_work?.id;
      if (!edition) return [];
      const { toc } = await api.get<Toc>(`/editions/${edition}/reading`, signal);
      return toc ?? [];
    },
    clauseName: (title, number) => (number ? now().t("draft.link.clause", { title, n: number }) : title),
  };
}
