import { useNavigate, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { RouterProvider as AriaRouter } from "react-aria-components";
import { useSession } from "../api/session";
import { useSavePrefs } from "../features/member/prefs";
import { cleanPrefs, usePrefs } from "../locales/prefs";

/** Above every page: links of menus go through the router, and a person's preferences follow them. */
export function Root() {
  const navigate = useNavigate();
  usePersonPrefs();
  useFocusOnArrival();
  return (
    <AriaRouter navigate={(to) => navigate({ to })}>
      <Outlet />
    </AriaRouter>
  );
}

// On signing in, what the person chose elsewhere replaces what this device had, but for the language they chose a moment ago, at the door.
function usePersonPrefs() {
  const session = useSession();
  const { setPrefs, chosenAtDoor } = usePrefs();
  const save = useSavePrefs();
  const person = session?.person?.id;
  const adopted = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (person && adopted.current !== person && session?.person?.prefs) {
      adopted.current = person;
      const theirs = cleanPrefs(session.person.prefs);
      const locale = chosenAtDoor.current ?? theirs.locale;
      chosenAtDoor.current = undefined;
      if (locale === theirs.locale) setPrefs(theirs);
      else save({ ...theirs, locale });
    }
    if (!person) adopted.current = undefined;
  }, [person, session, setPrefs, save, chosenAtDoor]);
}

// A new page is announced by moving focus to it, as a full page load would.
function useFocusOnArrival() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what changed.
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    document.getElementById("matn")?.focus({ preventScroll: true });
  }, [path]);
}
