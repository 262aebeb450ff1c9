import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { sessionQuery } from "../api/session";
import { historySearch } from "../features/history/search";
import { type NarrowSearch, narrowSearch } from "../features/narrow/search";
import { ErrorPage, NotFoundPage } from "./ErrorPage";
import { Layout } from "./Layout";
import { Root } from "./Root";

interface RouterContext {
  client: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

/** Where to return after signing in: only a path of this application, never another host. */
export function safeNext(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) && !next.startsWith("/signin") ? next : "/";
}

const signin = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (s: Record<string, unknown>): { next?: string; ended?: true } => ({ ...(s.next ? { next: safeNext(s.next) } : {}), ...(s.ended === true ? { ended: true } : {}) }),
  component: lazyRouteComponent(() => import("../features/member/SignInPage"), "SignInPage"),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (s: Record<string, unknown>): { token?: string } => (typeof s.token === "string" ? { token: s.token } : {}),
  component: lazyRouteComponent(() => import("../features/member/SetupPage"), "SetupPage"),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite/$token",
  component: lazyRouteComponent(() => import("../features/member/InvitePage"), "InvitePage"),
});
const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("../features/member/WelcomePage"), "WelcomePage"),
});

// Everything below needs a person; the library stays readable through the server-rendered pages.
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session.setup_required) throw redirect({ to: "/setup" });
    if (!session.person) {
      const next = safeNext(location.href);
      throw redirect({ to: "/signin", search: next === "/" ? {} : { next } });
    }
  },
  component: Layout,
  errorComponent: ErrorPage,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("../features/home/HomePage"), "HomePage"),
});
const guidelines = createRoute({
  getParentRoute: () => shell,
  path: "/guidelines",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/guideline/GuidelinesPage"), "GuidelinesPage"),
});
const guideline = createRoute({
  getParentRoute: () => shell,
  path: "/guidelines/$gid",
  component: lazyRouteComponent(() => import("../features/guideline/GuidelinePage"), "GuidelinePage"),
});
const edition = createRoute({
  getParentRoute: () => shell,
  path: "/guidelines/$gid/editions/$eid",
  component: lazyRouteComponent(() => import("../features/draft/EditionPage"), "EditionPage"),
});
const history = createRoute({
  getParentRoute: () => shell,
  path: "/guidelines/$gid/editions/$eid/history",
  validateSearch: historySearch,
  component: lazyRouteComponent(() => import("../features/history/HistoryPage"), "HistoryPage"),
});
const practices = createRoute({
  getParentRoute: () => shell,
  path: "/practices",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/practice/PracticesPage"), "PracticesPage"),
});
const practiceNew = createRoute({
  getParentRoute: () => shell,
  path: "/practices/new",
  component: lazyRouteComponent(() => import("../features/practice/NominatePage"), "NominatePage"),
});
const practice = createRoute({
  getParentRoute: () => shell,
  path: "/practices/$id",
  component: lazyRouteComponent(() => import("../features/practice/PracticePage"), "PracticePage"),
});
const ballots = createRoute({
  getParentRoute: () => shell,
  path: "/ballots",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/ballot/BallotsPage"), "BallotsPage"),
});
const ballot = createRoute({
  getParentRoute: () => shell,
  path: "/ballots/$id",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/ballot/BallotPage"), "BallotPage"),
});
const library = createRoute({
  getParentRoute: () => shell,
  path: "/library",
  validateSearch: (s: Record<string, unknown>): { q?: string; exact?: boolean } & NarrowSearch => ({
    ...narrowSearch(s),
    ...(typeof s.q === "string" && s.q ? { q: s.q } : {}),
    ...(s.exact === true ? { exact: true } : {}),
  }),
  component: lazyRouteComponent(() => import("../features/library/LibraryPage"), "LibraryPage"),
});
const search = createRoute({
  getParentRoute: () => shell,
  path: "/search",
  validateSearch: (s: Record<string, unknown>): { q?: string } => (typeof s.q === "string" && s.q ? { q: s.q } : {}),
  beforeLoad: ({ search: s }) => {
    throw redirect({ to: "/library", search: s });
  },
});
const glossary = createRoute({
  getParentRoute: () => shell,
  path: "/glossary",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/glossary/GlossaryPage"), "GlossaryPage"),
});
const secretariat = createRoute({
  getParentRoute: () => shell,
  path: "/secretariat",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/secretariat/SecretariatPage"), "SecretariatPage"),
});
const agencies = createRoute({
  getParentRoute: () => shell,
  path: "/agencies",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/member/AgenciesPage"), "AgenciesPage"),
});
const agency = createRoute({
  getParentRoute: () => shell,
  path: "/agencies/$id",
  component: lazyRouteComponent(() => import("../features/member/AgencyPage"), "AgencyPage"),
});
const people = createRoute({
  getParentRoute: () => shell,
  path: "/people",
  validateSearch: narrowSearch,
  component: lazyRouteComponent(() => import("../features/member/PeoplePage"), "PeoplePage"),
});
const handover = createRoute({
  getParentRoute: () => shell,
  path: "/seats/$id/handover",
  component: lazyRouteComponent(() => import("../features/member/HandoverPage"), "HandoverPage"),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: "/account",
  component: lazyRouteComponent(() => import("../features/member/AccountPage"), "AccountPage"),
});

const tree = root.addChildren([
  signin, setup, invite, welcome,
  shell.addChildren([
    home, guidelines, guideline, edition, history, practices, practiceNew, practice, ballots, ballot, library, search, glossary,
    secretariat, agencies, agency, people, handover, account,
  ]),
]);

/** The router over a query client. */
export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    // What fails in a page is said in its place: the header, and the bar that says there is no connection, stay.
    defaultErrorComponent: ErrorPage,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
