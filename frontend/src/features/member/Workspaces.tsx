import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useHasRole, useIsMine, useSession } from "../../api/session";
import type { Workspace } from "../../api/types";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Check } from "../../ui/Field";
import { Section } from "../../ui/Layout";
import { Seal, Text } from "../../ui/People";
import { ErrorState, FaultNote, fieldError, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useNarrowing } from "../narrow/Narrow";
import { openWorkspace, workspacesKey, workspacesQuery } from "./api";
import { useAgencies } from "./useAgencies";
import { BiField } from "./BiField";
import { WorkspaceAgencies } from "./WorkspaceAgencies";

/** The spaces the reader may write in, and a way to open one with other agencies. */
export function Workspaces() {
  const t = useT();
  const isMine = useIsMine();
  const hasRole = useHasRole();
  const { by, on } = useNarrowing();
  const spaces = useQuery({ ...workspacesQuery(by), placeholderData: keepPreviousData });
  const facets = spaces.data?.narrowing;
  const [opening, setOpening] = useState(false);
  const [managed, setManaged] = useState("");
  const own = useSession()?.agency?.id;
  const manages = (w: Workspace) => w.kind === "joint" && (!!w.abilities["workspace.add_agency"] || hasRole("AL") && w.opener !== own);
  const open = spaces.data?.items.find((w) => w.id === managed);
  return (
    <Section title={t("workspaces.title")} className="mt4" aside={on && facets && <span className="meta" role="status">{t("narrow.of", { n: facets.total, all: facets.all })}</span>}>
      <p className="meta">{t("workspaces.text")}</p>
      {spaces.isPending && <Skeleton rows={2} />}
      {spaces.isError && <ErrorState fault={spaces.error} retry={() => spaces.refetch()} />}
      {on && facets?.total === 0 && <p className="meta mt2">{t("narrow.none")}</p>}
      <ul className="reg spacelist mt2">
        {spaces.data?.items.map((w) => (
          <li key={w.id}>
            <div><b><Text of={w.name} /></b>{w.kind !== "commons" && <div className="meta">{t(`workspace.kind.${w.kind}`)}</div>}</div>
            <div className="who-in">
              {w.kind === "commons" ? <span className="meta">{t("workspaces.all")}</span> : w.agencies.map((a) => <Seal key={a.id} agency={a} mine={isMine(a)} />)}
              {manages(w) && <Button small tone="quiet" onClick={() => setManaged(w.id)}>{t("workspace.manage")}</Button>}
            </div>
          </li>
        ))}
      </ul>
      {hasRole("SA", "AL") && <div className="acts"><Button onClick={() => setOpening(true)}>{t("workspaces.open")}</Button></div>}
      {open && <WorkspaceAgencies workspace={open} close={() => setManaged("")} />}
      {opening && <OpenDialog close={() => setOpening(false)} />}
    </Section>
  );
}

function OpenDialog({ close }: { close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const hasRole = useHasRole();
  const own = useSession()?.agency?.id;
  const agencies = useAgencies();
  const [name, setName] = useState({ ar: "", en: "" });
  const [others, setOthers] = useState<string[]>([]);
  // An agency's lead opens a space for the own agency and others; the secretariat for any.
  const members = hasRole("SA") || !own ? others : [own, ...others];
  const send = useMutation({
    mutationFn: () => openWorkspace(name, members),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: workspacesKey });
      toast(t("workspaces.opened"));
      close();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  return (
    <Dialog title={t("workspaces.open")} wide onClose={close}>
      <form className="form" onSubmit={submit}>
        {f && <FaultNote fault={f} />}
        <BiField label={t("workspaces.name")} value={name} error={fieldError(f, "name")} onChange={setName} />
        <fieldset>
          <legend className="lab">{t("workspaces.members")}</legend>
          {fieldError(f, "agencies") && <p className="errmsg">{fieldError(f, "agencies")}</p>}
          <div className="who-in">
            {agencies.filter((a) => hasRole("SA") || a.id !== own).map((a) => (
              <Check key={a.id} label={<Text of={a.short} />} checked={others.includes(a.id)} onChange={(e) => setOthers(e.target.checked ? [...others, a.id] : others.filter((x) => x !== a.id))} />
            ))}
          </div>
        </fieldset>
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending} disabled={members.length < 2}>{t("workspaces.open.action")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
