import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { InvitationRow } from "../../api/types";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Section } from "../../ui/Layout";
import { Seal, Text } from "../../ui/People";
import { ErrorState, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useNarrowing } from "../narrow/Narrow";
import { invitationsKey, invitationsQuery, withdrawInvitation } from "./api";
import { Confirm } from "./Confirm";

/** Invitations that nobody has used yet: those of one agency, or all that the reader could have made. */
export function Invitations({ agency }: { agency?: string }) {
  const t = useT();
  const { by, on } = useNarrowing();
  // On an agency's own page there is nothing to narrow by.
  const list = useQuery({ ...invitationsQuery(agency ? {} : by), placeholderData: keepPreviousData });
  const facets = list.data?.narrowing;
  const narrowed = !agency && on && !!facets?.all && facets;
  const rows = list.data?.items.filter((i) => !agency || i.agency?.id === agency) ?? [];
  if (agency && rows.length === 0) return null;
  return (
    <Section title={t("invitations.title")} aside={narrowed && <span className="meta" role="status">{t("narrow.of", { n: narrowed.total, all: narrowed.all })}</span>}>
      {list.isPending && <Skeleton rows={2} />}
      {list.isError && <ErrorState fault={list.error} retry={() => list.refetch()} />}
      {list.data && rows.length === 0 && <p className="meta mt1">{t(narrowed ? "narrow.none" : "invitations.none")}</p>}
      <ul className="reg invlist mt1">{rows.map((i) => <Row key={i.id} invitation={i} />)}</ul>
    </Section>
  );
}

function Row({ invitation: i }: { invitation: InvitationRow }) {
  const t = useT();
  const fmt = useFormat();
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const run = useMutation({
    mutationFn: () => withdrawInvitation(i.id),
    onSuccess: () => {
      setAsking(false);
      client.invalidateQueries({ queryKey: invitationsKey });
      toast(t("invitations.withdrawn"));
    },
  });
  const what = i.kind ? (i.replaces ? t("invitations.replaces") : t(`seat.${i.kind}`)) : i.roles.map((r) => translateOr(`role.${r}`, r)).join(t("list.comma"));
  return (
    <li>
      {(i.name.ar || i.name.en) && <b><Text of={i.name} /> </b>}
      <bdi dir="ltr">{i.email}</bdi>
      <div className="row between wrap">
        <span className="meta">{i.agency && <><Seal agency={i.agency} /> · </>}{what} · {t("invitations.until", { when: fmt.day(i.expires_at) })}</span>
        <Button small tone="quiet" onClick={() => setAsking(true)}>{t("invitations.withdraw")}</Button>
      </div>
      {asking && (
        <Confirm title={t("invitations.withdraw.title", { email: i.email })} action={t("invitations.withdraw")} pending={run.isPending} fault={run.error} onConfirm={() => run.mutate()} close={() => setAsking(false)}>
          {t("invitations.withdraw.text")}
        </Confirm>
      )}
    </li>
  );
}
