import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useIsMine } from "../../api/session";
import type { AgencyRef, Guideline, Visibility } from "../../api/types";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Check } from "../../ui/Field";
import { Seal, Text } from "../../ui/People";
import { ErrorState, FaultNote, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useAgencies } from "../member/useAgencies";
import { guidelineKey, guidelinesKey, setVisibility, sightQuery } from "./api";

const ladder: Visibility[] = ["agency", "agencies", "network", "public"];

/** Changes who may see a guideline, after showing who gains and who loses sight of it. */
export function VisibilityDialog({ guideline: g, close }: { guideline: Guideline; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const isMine = useIsMine();
  const agencies = useAgencies();
  const [to, setTo] = useState<Visibility>(g.visibility);
  const [named, setNamed] = useState<string[]>(() => (g.agencies ?? []).map((a) => a.id));
  const chosen = to === "agencies" ? named : [];
  const change = to !== g.visibility || to === "agencies";
  const unnamed = to === "agencies" && named.length === 0; // nobody is named yet: there is nothing to ask
  const sight = useQuery({ ...sightQuery(g.id, to, chosen), enabled: change && !unnamed });
  const save = useMutation({
    mutationFn: () => setVisibility(g.id, to, chosen),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: guidelineKey(g.id) });
      client.invalidateQueries({ queryKey: guidelinesKey });
      toast(t("guideline.sight.done"));
      close();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <Dialog title={t("guideline.sight.title")} wide onClose={close}>
      <form className="form" onSubmit={submit}>
        <fieldset className="pickone">
          <legend className="vh">{t("guideline.sight")}</legend>
          <div className="tmpl">
            {ladder.map((v) => (
              <label key={v}>
                <input type="radio" name="to" value={v} checked={to === v} onChange={() => setTo(v)} />
                <b>{t(`visibility.${v}`)}</b>
                <small>{t(`visibility.${v}.text`)}</small>
              </label>
            ))}
          </div>
        </fieldset>
        {to === "agencies" && (
          <fieldset>
            <legend className="lab">{t("guideline.sight.which")}</legend>
            <div className="seals">
              {agencies.filter((a) => !isMine(a)).map((a) => (
                <Check key={a.id} label={<Text of={a.short} />} checked={named.includes(a.id)} onChange={(e) => setNamed(e.target.checked ? [...named, a.id] : named.filter((x) => x !== a.id))} />
              ))}
            </div>
          </fieldset>
        )}
        {change && (
          <div aria-live="polite">
            {unnamed && <p className="note">{t("guideline.sight.choose")}</p>}
            {sight.isLoading && <Skeleton rows={1} />}
            {sight.isError && <ErrorState fault={sight.error} retry={() => sight.refetch()} />}
            {sight.data && <Change gains={sight.data.gains ?? []} loses={sight.data.loses ?? []} toPublic={sight.data.public_gains} />}
          </div>
        )}
        {save.error && <FaultNote fault={save.error} />}
        <div className="acts">
          <Button type="submit" tone="primary" pending={save.isPending} disabled={!change || unnamed}>{t("guideline.sight.action")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Change({ gains, loses, toPublic }: { gains: AgencyRef[]; loses: AgencyRef[]; toPublic: boolean }) {
  const t = useT();
  if (gains.length + loses.length === 0 && !toPublic) return <p className="note">{t("guideline.sight.same")}</p>;
  return (
    <>
      {toPublic && <p className="note due">{t("guideline.sight.public")}</p>}
      {gains.length > 0 && <div className="note agree"><div><b>{t("guideline.sight.gains", { n: gains.length })}</b><div className="seals">{gains.map((a) => <Seal key={a.id} agency={a} />)}</div></div></div>}
      {loses.length > 0 && <div className="note against mt2"><div><b>{t("guideline.sight.loses", { n: loses.length })}</b><div className="seals">{loses.map((a) => <Seal key={a.id} agency={a} />)}</div></div></div>}
    </>
  );
}
