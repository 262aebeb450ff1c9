import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useHasRole, useSession } from "../../api/session";
import type { AgencyRef, Memberships, Workspace } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Select } from "../../ui/Field";
import { Seal, Text } from "../../ui/People";
import { ErrorState, FaultNote, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { joinWorkspace, leaveWorkspace, workspaceSightQuery, workspacesKey } from "./api";
import { useAgencies } from "./useAgencies";

interface Move {
  agency: AgencyRef;
  leave: boolean;
}

/** Who is in a joint workspace. Adding or taking out an agency says first what it gains or loses. */
export function WorkspaceAgencies({ workspace: w, close }: { workspace: Workspace; close: () => void }) {
  const t = useT();
  const locale = useLocale();
  const hasRole = useHasRole();
  const own = useSession()?.agency?.id;
  const all = useAgencies();
  const [move, setMove] = useState<Move | null>(null);
  const others = all.filter((a) => a.kind !== "secretariat" && !w.agencies.some((m) => m.id === a.id));
  // A lead of another agency takes out the own one only.
  const mayTakeOut = (a: AgencyRef) => a.id !== w.opener && w.agencies.length > 2 && !!w.abilities["workspace.remove_agency"] || hasRole("AL") && a.id === own && a.id !== w.opener && w.agencies.length > 2;
  return (
    <Dialog title={t("workspace.manage.title", { name: pick(w.name, locale) })} wide onClose={close}>
      {move ? (
        <Preview workspace={w} move={move} back={() => setMove(null)} />
      ) : (
        <>
          <ul className="reg memberlist">
            {w.agencies.map((a) => (
              <li key={a.id}>
                <span><Seal agency={a} full mine={a.id === own} /> {a.id === w.opener && <span className="meta">{t("workspace.opener")}</span>}</span>
                {mayTakeOut(a) && <Button small tone="quiet" onClick={() => setMove({ agency: a, leave: true })}>{t("workspace.leave")}</Button>}
              </li>
            ))}
          </ul>
          {w.abilities["workspace.add_agency"] && others.length > 0 && (
            <div className="mt4">
              <Select label={t("workspace.manage.add")} value="" onChange={(e) => { const a = others.find((x) => x.id === e.target.value); if (a) setMove({ agency: a, leave: false }); }} options={[{ value: "", label: t("workspace.manage.pick") }, ...others.map((a) => ({ value: a.id, label: pick(a.name, locale) }))]} />
            </div>
          )}
          <div className="acts"><Button onClick={close}>{t("action.close")}</Button></div>
        </>
      )}
    </Dialog>
  );
}

function Preview({ workspace: w, move: { agency, leave }, back }: { workspace: Workspace; move: Move; back: () => void }) {
  const t = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const toast = useToast();
  const name = pick(agency.short, locale);
  const sight = useQuery(workspaceSightQuery(w.id, agency.id, leave));
  const refresh = () => client.invalidateQueries({ queryKey: workspacesKey });
  const run = useMutation({
    mutationFn: () => (leave ? leaveWorkspace(w.id, agency.id) : joinWorkspace(w.id, agency.id)),
    onSuccess: () => {
      refresh();
      client.invalidateQueries({ queryKey: ["workspace", w.id] });
      const undo = () => (leave ? joinWorkspace(w.id, agency.id) : leaveWorkspace(w.id, agency.id)).finally(refresh);
      toast(t(leave ? "workspace.left" : "workspace.joined", { agency: name }), w.abilities["workspace.add_agency"] ? { label: t("action.undo"), act: undo } : undefined);
      back();
    },
  });
  return (
    <>
      <p><b>{t(leave ? "workspace.leave.preview" : "workspace.join.preview", { agency: pick(agency.name, locale) })}</b></p>
      <div aria-live="polite">
        {sight.isPending && <Skeleton rows={2} />}
        {sight.isError && <ErrorState fault={sight.error} retry={() => sight.refetch()} />}
        {sight.data && <Moves of={sight.data} />}
      </div>
      {run.error && <FaultNote fault={run.error} />}
      <div className="acts">
        <Button autoFocus tone={leave ? "danger" : "primary"} pending={run.isPending} disabled={!sight.data} onClick={() => run.mutate()}>{t(leave ? "workspace.leave.do" : "workspace.join.do", { agency: name })}</Button>
        <Button onClick={back}>{t("action.back")}</Button>
      </div>
    </>
  );
}

function Moves({ of: m }: { of: Memberships }) {
  const t = useT();
  if (m.guidelines.length + m.unseen === 0) return <p className="meta">{t("workspace.moves.empty")}</p>;
  return (
    <>
      <ul className="reg movelist mt1">
        {m.guidelines.map((g) => (
          <li key={g.id}>
            <span className="text"><Text of={g.title} /></span>
            <span className="meta">{t(`workspace.moves.${g.leads ? "leads" : g.sight && g.writing ? "writing" : g.writing ? "write" : g.sight ? "sight" : "none"}`)}</span>
          </li>
        ))}
      </ul>
      {m.unseen > 0 && <p className="meta mt1">{t("workspace.moves.unseen", { n: m.unseen })}</p>}
    </>
  );
}
