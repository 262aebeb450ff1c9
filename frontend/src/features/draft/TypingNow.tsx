import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import type { Session } from "./session";
import { useTypists } from "./typists";

/** Who writes in a thread just now, or a new comment (""). */
export function TypingNow({ session, thread }: { session: Session; thread: string }) {
  const t = useT();
  const locale = useLocale();
  const list = useTypists(session, thread);
  if (list.length === 0) return null;
  return (
    <div className="typing">
      {list.map((x) => (
        <p key={x.person.id} className="meta" data-typing={thread}>
          {t("comment.typing", { who: [pick(x.person.name, locale), x.agency?.short ? pick(x.agency.short, locale) : ""].filter(Boolean).join(" · ") })}
        </p>
      ))}
    </div>
  );
}
