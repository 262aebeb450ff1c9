import "./Layout.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { BookA, BookOpen, Building2, House, Languages, Library, Lightbulb, Lock, LogOut, Menu as MenuIcon, Moon, Search, Settings, ShieldCheck, Sun, Vote, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { sessionKey, sessionQuery, useHasRole, useIsGuest, useIsOutside, useSession, useSignOut } from "../api/session";
import type { Session } from "../api/types";
import { pick, useT } from "../locales/i18n";
import { useFormat } from "../locales/format";
import { usePrefs } from "../locales/prefs";
import { useConnection, useTopic } from "../live/socket";
import { useSavePrefs } from "../features/member/prefs";
import { ballotQuery } from "../features/ballot/api";
import { deskKey, deskQuery } from "../features/home/api";
import { Icon } from "../ui/Icon";
import { Mark } from "../ui/Mark";
import { Initial, Text } from "../ui/People";

/** Header, page, phone tab bar; the page is that of the address, unless another is given. */
export function Layout({ children }: { children?: ReactNode }) {
  const t = useT();
  useSessionGuard();
  useSlashToSearch();
  return (
    <div className="frame-app">
      <a className="skip btn" href="#matn">{t("layout.skip.matn")}</a>
      <a className="skip btn" href="#hashiya">{t("layout.skip.hashiya")}</a>
      <Header />
      <OfflineBar />
      <SuspendedBar />
      <div className="stage">
        {children ?? <Outlet />}
      </div>
      <TabBar />
    </div>
  );
}

// The session may end while a page is open (signed out elsewhere, revoked): lead to the sign-in page and back.
function useSessionGuard() {
  const { data, isFetched } = useQuery(sessionQuery);
  const navigate = useNavigate();
  const href = useRouterState({ select: (s) => s.location.href });
  const client = useQueryClient();
  // The hub says so on the socket before any request is refused. What was written and not sent is kept on the device for this person.
  const over = useConnection() === "signed_out";
  useEffect(() => {
    if (over) client.invalidateQueries({ queryKey: sessionKey });
  }, [over, client]);
  useEffect(() => {
    // While the sign-in page loads, this one still stands, at the new address: the way back is not that.
    if (isFetched && data && !data.person && !href.startsWith("/signin")) navigate({ to: "/signin", search: { next: href, ended: true } });
  }, [isFetched, data, navigate, href]);
}

function useSlashToSearch() {
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const el = e.target instanceof HTMLElement ? e.target : null;
      if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || el?.isContentEditable || el?.closest("input,textarea,select,.cm-editor")) return;
      e.preventDefault();
      navigate({ to: "/library" });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate]);
}

function Header() {
  const t = useT();
  const session = useSession();
  const fmt = useFormat();
  const hasRole = useHasRole();
  const desk = useQuery(deskQuery).data;
  useTopic("desk", deskKey);
  const votes = desk?.counts.votes ?? 0;
  const onText = useBallotOnText();
  const outside = useIsOutside();
  return (
    <header className="top">
      <Link className="brand" to="/">
        <Mark />
        <span>
          <Text of={session?.network.name} />
        </span>
      </Link>
      <nav className="nav" aria-label={t("layout.nav")}>
        <NavLink to="/" exact>{t("nav.home")}</NavLink>
        <NavLink to="/guidelines" also={onText ? "/ballots/" : undefined}>{t("nav.guidelines")}</NavLink>
        {!outside && (
          <NavLink to="/practices" also={onText ? undefined : "/ballots"}>
            {t("nav.practices")}
            {votes > 0 && <span className="cnt" title={t("nav.votes.waiting", { n: votes })}>{fmt.num(votes)}</span>}
          </NavLink>
        )}
        <NavLink to="/library">{t("nav.library")}</NavLink>
        {hasRole("SA", "MO") && <NavLink to="/secretariat">{t("nav.secretariat")}{!!desk?.counts.moderation && <span className="cnt">{fmt.num(desk.counts.moderation)}</span>}</NavLink>}
      </nav>
      <Link className="find" to="/library" aria-label={t("nav.search")}>
        <Icon of={Search} small />
        {t("nav.search")}
        <kbd>/</kbd>
      </Link>
      {session?.person && <Me session={session} />}
    </header>
  );
}

/** Whether the ballot of this address, if it is one, decides about a guideline: it belongs to the guidelines then. */
function useBallotOnText(): boolean {
  const id = useRouterState({ select: (s) => /^\/ballots\/([^/]+)/.exec(s.location.pathname)?.[1] ?? "" });
  // The page reads it; here it is only looked at.
  return useQuery({ ...ballotQuery(id), enabled: false }).data?.subject.kind === "edition";
}

function NavLink({ to, exact, also, children }: { to: "/" | "/guidelines" | "/practices" | "/library" | "/secretariat"; exact?: boolean; also?: string; children: React.ReactNode }) {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const here = exact ? path === to : path === to || path.startsWith(`${to}/`) || (!!also && path.startsWith(also));
  return (
    <Link to={to} aria-current={here ? "page" : undefined} activeProps={{}} activeOptions={{ exact: true }}>
      {children}
    </Link>
  );
}

function Me({ session }: { session: Session }) {
  const t = useT();
  const { prefs } = usePrefs();
  const save = useSavePrefs();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const hasRole = useHasRole();
  const name = pick(session.person?.name, prefs.locale);
  const seat = session.seat ? t(`seat.${session.seat.kind}`) : hasRole("SA") ? t("role.SA") : "";
  const agency = session.agency ? pick(session.agency.short, prefs.locale) : "";
  const dark = prefs.theme === "dark" || (prefs.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <div className="me">
      <MenuTrigger>
        <AriaButton className="me-btn" aria-label={t("me.menu", { name })}>
          <Initial name={name} />
          <span className="who">
            <bdi>{name}</bdi>
            <small>{[agency, seat].filter(Boolean).join(" · ")}</small>
          </span>
        </AriaButton>
        <Popover className="menu" placement="bottom end">
          <div className="who">
            <b><bdi>{name}</bdi></b>
            <div className="meta"><Text of={session.agency?.name} /> {seat && `· ${seat}`}</div>
          </div>
          <Menu
            onAction={(key) => {
              if (key === "account") navigate({ to: "/account" });
              if (key === "agency" && session.agency) navigate({ to: "/agencies/$id", params: { id: session.agency.id } });
              if (key === "glossary") navigate({ to: "/glossary" });
              if (key === "agencies") navigate({ to: "/agencies" });
              if (key === "secretariat") navigate({ to: "/secretariat" });
              if (key === "language") save({ locale: prefs.locale === "ar" ? "en" : "ar" });
              if (key === "theme") save({ theme: dark ? "light" : "dark" });
              if (key === "out") signOut().finally(() => navigate({ to: "/signin" }));
            }}
          >
            <MenuItem id="account" className="mi" textValue={t("me.account")}><Icon of={Settings} />{t("me.account")}</MenuItem>
            {session.agency ? <MenuItem id="agency" className="mi" textValue={t("me.agency")}><Icon of={Building2} />{t("me.agency")}</MenuItem> : null}
            <MenuItem id="glossary" className="mi" textValue={t("glossary.title")}><Icon of={BookA} />{t("glossary.title")}</MenuItem>
            <MenuItem id="agencies" className="mi" textValue={t("me.agencies")}><Icon of={Building2} />{t("me.agencies")}</MenuItem>
            {hasRole("SA", "MO") ? <MenuItem id="secretariat" className="mi" textValue={t("nav.secretariat")}><Icon of={ShieldCheck} />{t("nav.secretariat")}</MenuItem> : null}
            <MenuItem id="language" className="mi" textValue={t("me.language")}><Icon of={Languages} /><span lang={prefs.locale === "ar" ? "en" : "ar"}>{t("me.language")}</span></MenuItem>
            <MenuItem id="theme" className="mi" textValue={t(dark ? "me.theme.light" : "me.theme.dark")}><Icon of={dark ? Sun : Moon} />{t(dark ? "me.theme.light" : "me.theme.dark")}</MenuItem>
            <MenuItem id="out" className="mi" textValue={t("me.signout")}><Icon of={LogOut} flip />{t("me.signout")}</MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}

/** Why somebody whose agency is suspended, or whose seat ended, reads and finds no act open. */
function SuspendedBar() {
  const t = useT();
  const session = useSession();
  const outside = useIsOutside();
  const of = session?.agency_status === "suspended" ? "suspended" : outside ? "outside" : null;
  if (!of) return null;
  return (
    <div className="offbar" role="status">
      <Icon of={Lock} />
      <span className="grow"><b>{t(`${of}.title`)}</b> {t(`${of}.text`)}</span>
    </div>
  );
}

function OfflineBar() {
  const t = useT();
  const fmt = useFormat();
  const [since, setSince] = useState<number | null>(navigator.onLine ? null : Date.now());
  useEffect(() => {
    const off = () => setSince((s) => s ?? Date.now());
    const on = () => setSince(null);
    addEventListener("offline", off);
    addEventListener("online", on);
    return () => {
      removeEventListener("offline", off);
      removeEventListener("online", on);
    };
  }, []);
  if (since === null) return null;
  return (
    <div className="offbar" role="status">
      <Icon of={WifiOff} />
      <span className="grow"><b>{t("offline.title", { time: fmt.time(since) })}</b> {t("offline.text")}</span>
    </div>
  );
}

function TabBar() {
  const t = useT();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const navigate = useNavigate();
  const hasRole = useHasRole();
  const guest = useIsGuest();
  const outside = useIsOutside();
  const here = (p: string) => (p === "/" ? path === "/" : path.startsWith(p)) ? ("page" as const) : undefined;
  return (
    <nav className="tabbar" aria-label={t("layout.tabs")}>
      <Link to="/" aria-current={here("/")} activeProps={{}} activeOptions={{ exact: true }}><Icon of={House} />{t("nav.home")}</Link>
      <Link to="/guidelines" aria-current={here("/guidelines")} activeProps={{}}><Icon of={BookOpen} />{t("nav.guidelines")}</Link>
      {outside ? null : guest
        ? <Link to="/practices" aria-current={here("/practices")} activeProps={{}}><Icon of={Lightbulb} />{t("nav.practices")}</Link>
        : <Link to="/ballots" aria-current={here("/ballots")} activeProps={{}}><Icon of={Vote} />{t("nav.voting")}</Link>}
      <Link to="/library" aria-current={here("/library")} activeProps={{}}><Icon of={Library} />{t("nav.library")}</Link>
      <MenuTrigger>
        <AriaButton><Icon of={MenuIcon} />{t("nav.more")}</AriaButton>
        <Popover className="menu" placement="top end">
          <Menu onAction={(key) => navigate({ to: String(key) })}>
            {guest || outside ? null : <MenuItem id="/practices" className="mi" textValue={t("nav.practices")}><Icon of={Lightbulb} />{t("nav.practices")}</MenuItem>}
            <MenuItem id="/agencies" className="mi" textValue={t("me.agencies")}><Icon of={Building2} />{t("me.agencies")}</MenuItem>
            {hasRole("SA", "MO") ? <MenuItem id="/secretariat" className="mi" textValue={t("nav.secretariat")}><Icon of={ShieldCheck} />{t("nav.secretariat")}</MenuItem> : null}
            <MenuItem id="/account" className="mi" textValue={t("me.account")}><Icon of={Settings} />{t("me.account")}</MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </nav>
  );
}
