import "./Member.css";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useHasRole, useSession } from "../../api/session";
import type { PersonRow } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, translateOr, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Field, Select } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Columns, Single } from "../../ui/Layout";
import { More } from "../../ui/More";
import { Person, Seal } from "../../ui/People";
import { Closed, Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { peopleKey, peopleQuery, setPersonStatus } from "./api";
import { Confirm } from "./Confirm";
import { InviteAlone } from "./InviteAlone";
import { Invitations } from "./Invitations";
import { networkRoles, RolesDialog } from "./RolesDialog";

/** The secretariat's register of everybody who can sign in, and of the invitations that are open. */
export function PeoplePage() {
  const t = useT();
  const hasRole = useHasRole();
  const [filter, setFilter] = useState({ q: "", role: "", status: "" });
  const [inviting, setInviting] = useState(false);
  const q = useDeferredValue(filter.q.trim());
  const { by, on } = useNarrowing();
  const people = useInfiniteQuery({ ...peopleQuery({ ...filter, q, by }), enabled: hasRole("SA"), placeholderData: (was) => was });
  useTitle(t("people.title"));
  if (!hasRole("SA")) return <Single><Closed title={t("people.closed")}>{t("secretariat.closed.text")}</Closed></Single>;
  const rows = people.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Columns
      label={t("invitations.title")}
      matn={
        <>
          <div className="crumb"><Link to="/secretariat">{t("nav.secretariat")}</Link></div>
          <div className="row between wrap">
            <h1 className="h-page">{t("people.title")}</h1>
            <Button tone="primary" onClick={() => setInviting(true)}><Icon of={UserPlus} />{t("people.invite")}</Button>
          </div>
          <p className="dim">{t("people.text")}</p>
          <search>
          <NarrowBar facets={people.data?.pages[0]?.narrowing} className="people-filters">
            <Field label={t("people.search")} type="search" value={filter.q} onChange={(e) => setFilter({ ...filter, q: e.target.value })} />
            <Select label={t("people.role")} value={filter.role} onChange={(e) => setFilter({ ...filter, role: e.target.value })} options={[{ value: "", label: t("people.role.all") }, ...networkRoles.map((r) => ({ value: r, label: t(`role.${r}`) }))]} />
            <Select label={t("people.status")} value={filter.status} onChange={(e) => setFilter({ ...filter, status: e.target.value })} options={[{ value: "", label: t("people.status.all") }, ...(["active", "suspended"] as const).map((s) => ({ value: s, label: t(`people.status.${s}`) }))]} />
          </NarrowBar>
          </search>
          {people.isPending && <Skeleton />}
          {people.isError && <ErrorState fault={people.error} retry={() => people.refetch()} />}
          {people.data && rows.length === 0 && on && <NarrowedOut facets={people.data.pages[0]?.narrowing} />}
          {people.data && rows.length === 0 && !on && <Empty title={t("people.none")}>{t("people.none.text")}</Empty>}
          <ul className="reg peoplelist" aria-busy={people.isPlaceholderData || undefined}>{rows.map((p) => <Row key={p.id} person={p} />)}</ul>
          <More list={people} shown={rows.length} all={people.data?.pages[0]?.narrowing?.total} />
          {inviting && <InviteAlone close={() => setInviting(false)} />}
        </>
      }
      hashiya={<Invitations />}
    />
  );
}

function Row({ person: p }: { person: PersonRow }) {
  const t = useT();
  const fmt = useFormat();
  const me = useSession()?.person?.id === p.id;
  const [asking, setAsking] = useState<"roles" | "suspend" | null>(null);
  const status = useStatus(p, () => setAsking(null));
  const may = p.abilities["person.suspend"];
  return (
    <li>
      <div className="who">
        <b><Person of={p} /></b>
        <bdi dir="ltr" className="meta">{p.email}</bdi>
      </div>
      <div>
        {p.agency ? <Link to="/agencies/$id" params={{ id: p.agency.id }}><Seal agency={p.agency} /></Link> : <span className="meta">{t("people.noseat")}</span>}
        {p.kind && <div className="meta">{t(`seat.${p.kind}`)}</div>}
      </div>
      <div>
        {p.status === "suspended" ? <Tag tone="against">{t("people.status.suspended")}</Tag> : <span>{p.roles.map((r) => translateOr(`role.${r}`, r)).join(t("list.comma"))}</span>}
        <div className="meta">{p.seen_at ? t("people.seen", { when: fmt.relative(p.seen_at) }) : t("people.seen.never")}</div>
      </div>
      <div className="row wrap">
        {p.abilities["role.grant"] && <Button small tone="quiet" onClick={() => setAsking("roles")}>{t("people.manage")}</Button>}
        {may && p.status === "active" && <Button small tone="quiet" onClick={() => setAsking("suspend")}>{t("people.suspend")}</Button>}
        {may && p.status === "suspended" && <Button small tone="quiet" pending={status.run.isPending} onClick={() => status.run.mutate("active")}>{t("people.reinstate")}</Button>}
        {me && <span className="meta" title={t("people.self")}>{t("people.self")}</span>}
      </div>
      {asking === "roles" && <RolesDialog person={p} close={() => setAsking(null)} />}
      {asking === "suspend" && (
        <Confirm title={t("people.suspend.title", { name: status.name })} action={t("people.suspend")} pending={status.run.isPending} fault={status.run.error} onConfirm={() => status.run.mutate("suspended")} close={() => setAsking(null)}>
          {t("people.suspend.text")}
        </Confirm>
      )}
    </li>
  );
}

function useStatus(p: PersonRow, done: () => void) {
  const t = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const toast = useToast();
  const name = pick(p.name, locale);
  const refresh = () => client.invalidateQueries({ queryKey: peopleKey });
  const run = useMutation({
    mutationFn: (to: "active" | "suspended") => setPersonStatus(p.id, to),
    onSuccess: (_, to) => {
      done();
      refresh();
      if (to === "active") toast(t("people.reinstated", { name }));
      else toast(t("people.suspended", { name }), { label: t("action.undo"), act: () => run.mutate("active") });
    },
  });
  return { run, name };
}
