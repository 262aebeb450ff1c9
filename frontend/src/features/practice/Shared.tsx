import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import type { Page, PersonRow, Practice } from "../../api/types";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Check } from "../../ui/Field";
import { Section } from "../../ui/Layout";
import { Person, Text } from "../../ui/People";
import { ErrorState, FaultNote, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { practiceKey, shareWith } from "./api";

/** The partners who read the card, for those who may choose them. */
export function Shared({ practice: p }: { practice: Practice }) {
  const t = useT();
  const [choosing, setChoosing] = useState(false);
  if (!p.abilities["practice.share"]) return null;
  return (
    <Section className="noprint" title={t("practice.shared")}>
      {p.shared_with.length === 0 ? <p className="meta mt1">{t("practice.shared.none")}</p> : (
        <ul className="reg bl mt1">{p.shared_with.map((who) => <li key={who.id}><Person of={who} /></li>)}</ul>
      )}
      <Button className="mt2" small onClick={() => setChoosing(true)}>{t("practice.share")}</Button>
      {choosing && <Choose practice={p} close={() => setChoosing(false)} />}
    </Section>
  );
}

function Choose({ practice: p, close }: { practice: Practice; close: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [chosen, choose] = useState(p.shared_with.map((who) => who.id));
  const partners = useQuery({ queryKey: ["people", "partners"], queryFn: ({ signal }) => api.get<Page<PersonRow>>("/people?role=PO&status=active", signal) });
  const save = useMutation({
    mutationFn: () => shareWith(p.id, chosen),
    onSuccess: (next) => {
      client.setQueryData(practiceKey(p.id), next);
      toast(t("form.saved"));
      close();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const gone = p.shared_with.filter((who) => !partners.data?.items.some((x) => x.id === who.id));
  return (
    <Dialog title={t("practice.share")} onClose={close}>
      <form className="form" onSubmit={submit}>
        <p className="hint">{t("practice.share.hint")}</p>
        {partners.isPending && <Skeleton rows={3} />}
        {partners.isError && <ErrorState fault={partners.error} retry={() => partners.refetch()} />}
        {partners.data && (
          <fieldset className="plain">
            <legend className="lab">{t("practice.share.partners")}</legend>
            {partners.data.items.length + gone.length === 0 && <p className="meta">{t("practice.share.nobody")}</p>}
            <div className="pick-agencies">
              {[...partners.data.items, ...gone].map((who) => (
                <Check key={who.id} label={<Text of={who.name} />} checked={chosen.includes(who.id)} onChange={(e) => choose(e.target.checked ? [...chosen, who.id] : chosen.filter((x) => x !== who.id))} />
              ))}
            </div>
          </fieldset>
        )}
        {save.error && <FaultNote fault={save.error} />}
        <div className="acts">
          <Button type="submit" tone="primary" pending={save.isPending}>{t("action.save")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
