import { queryOptions } from "@tanstack/react-query";
import { api, query } from "../../api/client";
import type { Agency, AgencyDetail, Bi, Page, Session, SessionRow, Workspace } from "../../api/types";

export const signIn = (email: string, password: string) => api.post<Session>("/session", { email, password });
export const setUp = (body: { token: string; network_name: Bi; agency_name: Bi; name: Bi; email: string; password: string }) =>
  api.post<Session>("/setup", body);

export interface Invitation {
  email: string;
  name?: Bi;
  agency?: { name: Bi; short: Bi } | null;
  kind?: string;
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
  hue?: number;
  has_vote?: boolean;
}
export const createAgency = (body: AgencyInput) => api.post<AgencyDetail>("/agencies", body);
export const patchAgency = (id: string, body: Partial<AgencyInput> & { status?: string }) => api.patch<AgencyDetail>(`/agencies/${id}`, body);
export const invite = (id: string, body: { email: string; name: Bi; kind: string; roles: string[]; can_vote: boolean; replaces?: string }) =>
  api.post<{ url: string; expires_at?: string }>(`/agencies/${id}/invitations`, body);
export const endSeat = (id: string) => api.del<void>(`/seats/${id}`);

export const workspacesKey = ["workspaces"] as const;
export const workspacesQuery = queryOptions({
  queryKey: workspacesKey,
  queryFn: ({ signal }) => api.get<Page<Workspace>>("/workspaces", signal),
  staleTime: 60_000,
});
export const openWorkspace = (name: Bi, agencies: string[]) => api.post<Workspace>("/workspaces", { name, agencies });
