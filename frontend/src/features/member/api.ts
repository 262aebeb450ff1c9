import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import { paged } from "../../api/pages";
import type { Agency, AgencyDetail, Bi, Handover, InvitationRow, Memberships, Page, PersonRow, Role, Session, SessionRow, Workspace } from "../../api/types";
import type { NarrowSearch } from "../narrow/search";

export const signIn = (email: string, password: string) => api.post<Session>("/session", { email, password });
export const setUp = (body: { token: string; network_name: Bi; agency_name: Bi; name: Bi; email: string; password: string }) =>
  api.post<Session>("/setup", body);

export interface Invitation {
  email: string;
  name?: Bi;
  agency?: { name: Bi; short: Bi } | null;
  kind?: string;
  roles?: Role[];
  replaces?: boolean;
  can_vote?: boolean;
  expires_at?: string;
  network?: { name: Bi };
}
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => api.get<Invitation>(`/invitations/${encodeURIComponent(token)}`, signal),
    staleTime: Infinity,
  });
export const acceptInvitation = (token: string, body: { name: Bi; password: string }) =>
  api.post<Session>(`/invitations/${encodeURIComponent(token)}`, body);

/** A new account begins in the language in which its owner came in; the hub starts all in Arabic. */
export async function inLanguage(session: Session, locale: "ar" | "en"): Promise<Session> {
  if (!session.person || session.person.prefs.locale === locale) return session;
  return api.patch<Session>("/me", { prefs: { locale } }).catch(() => session);
}

export const sessionsKey = ["sessions"] as const;
export const sessionsQuery = queryOptions({
  queryKey: sessionsKey,
  queryFn: ({ signal }) => api.get<Page<SessionRow>>("/sessions", signal),
});
export const revokeSession = (id: string) => api.del<void>(`/sessions/${id}`);
export const changePassword = (current: string, next: string) => api.post<void>("/me/password", { current, new: next });
export const renameMe = (name: Bi) => api.patch<Session>("/me", { name });

export const agenciesKey = ["agencies"] as const;
export const agenciesQuery = queryOptions({
  queryKey: agenciesKey,
  queryFn: ({ signal }) => api.get<Page<Agency>>(`/agencies${query({ limit: 200 })}`, signal),
  staleTime: 5 * 60_000,
});
export interface AgencyWord {
  axis: "tier" | "kind" | "sector" | "area";
  code: string;
  name: Bi;
}
/** What the tiers, kinds, sectors and areas of agencies are called. */
export const wordsQuery = queryOptions({
  queryKey: [...agenciesKey, "words"],
  queryFn: ({ signal }) => api.get<Page<AgencyWord>>("/agency-words", signal),
  staleTime: 60_000,
});
export const nameWord = (w: AgencyWord) => api.put<void>("/agency-words", w);

/** The register as words and a narrowing leave it. */
export const registerQuery = (q: string, by: NarrowSearch) =>
  queryOptions({
    queryKey: [...agenciesKey, q, by],
    queryFn: ({ signal }) => api.get<Page<Agency>>(`/agencies${query({ q, ...by })}`, signal),
    staleTime: 60_000,
  });
export const agencyKey = (id: string) => ["agency", id] as const;
export const agencyQuery = (id: string) =>
  queryOptions({ queryKey: agencyKey(id), queryFn: ({ signal }) => api.get<AgencyDetail>(`/agencies/${id}`, signal) });
export interface AgencyInput {
  code: string;
  name: Bi;
  short: Bi;
  kind: string;
  tier: string;
  sector: string;
  area: string;
  hue?: number;
  has_vote?: boolean;
}
export const createAgency = (body: AgencyInput) => api.post<AgencyDetail>("/agencies", body);
export const patchAgency = (id: string, body: Partial<AgencyInput> & { status?: string }) => api.patch<AgencyDetail>(`/agencies/${id}`, body);
export const invite = (id: string, body: { email: string; name: Bi; kind: string; roles: string[]; can_vote: boolean; replaces?: string }) =>
  api.post<{ url: string; expires_at?: string }>(`/agencies/${id}/invitations`, body);
export const endSeat = (id: string) => api.del<void>(`/seats/${id}`);

export const workspacesKey = ["workspaces"] as const;
export const workspacesQuery = (by: NarrowSearch = {}) =>
  queryOptions({
    queryKey: [...workspacesKey, by],
    queryFn: ({ signal }) => api.get<Page<Workspace>>(`/workspaces${query({ ...by })}`, signal),
    staleTime: 60_000,
  });
export const openWorkspace = (name: Bi, agencies: string[]) => api.post<Workspace>("/workspaces", { name, agencies });
export const workspaceSightQuery = (id: string, agency: string, leave: boolean) =>
  queryOptions({
    queryKey: ["workspace", id, "sight", agency, leave],
    queryFn: ({ signal }) => api.get<Memberships>(`/workspaces/${id}/sight${query({ agency, leave })}`, signal),
    staleTime: 0,
  });
export const joinWorkspace = (id: string, agency: string) => api.post<Workspace>(`/workspaces/${id}/agencies`, { agency });
export const leaveWorkspace = (id: string, agency: string) => api.del<Workspace>(`/workspaces/${id}/agencies/${agency}`);

export const peopleKey = ["people"] as const;
export interface PeopleFilter {
  by: NarrowSearch;
  q: string;
  role: string;
  status: string;
}
export const peopleQuery = (f: PeopleFilter) =>
  paged<Page<PersonRow>>([...peopleKey, f], "/people", { q: f.q, role: f.role, status: f.status, ...f.by });
export const grantRole = (person: string, role: Role) => api.post<void>(`/people/${person}/roles`, { role });
export const takeRole = (person: string, role: Role) => api.del<void>(`/people/${person}/roles/${role}`);
export const setPersonStatus = (person: string, status: "active" | "suspended") => api.put<void>(`/people/${person}/status`, { status });

export const invitationsKey = ["invitations"] as const;
export const invitationsQuery = (by: NarrowSearch = {}) =>
  queryOptions({
    queryKey: [...invitationsKey, by],
    queryFn: ({ signal }) => api.get<Page<InvitationRow>>(`/invitations${query({ ...by })}`, signal),
  });
export const inviteAlone = (body: { email: string; name: Bi; roles: Role[] }) => api.post<{ url: string; expires_at?: string }>("/invitations", body);
export const withdrawInvitation = (id: string) => api.del<void>(`/invitations/${id}`);

export const handoverKey = (seat: string) => ["seat", seat, "handover"] as const;
export const handoverQuery = (seat: string) =>
  queryOptions({ queryKey: handoverKey(seat), queryFn: ({ signal }) => api.get<Handover>(`/seats/${seat}/handover`, signal) });
export const takeOver = (seat: string) => api.post<void>(`/seats/${seat}/handover`, undefined);
