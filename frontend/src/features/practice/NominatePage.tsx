import "./Practice.css";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useHasRole, useSession } from "../../api/session";
import { useT } from "../../locales/i18n";
import { buttonClass } from "../../ui/Button";
import { Single } from "../../ui/Layout";
import { Closed } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { useKept } from "../../ui/useKept";
import { nominate, type PracticeInput, practiceKey, practicesKey } from "./api";
import { CardForm } from "./CardForm";

/** The nomination of a practice by a representative. */
export function NominatePage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const hasRole = useHasRole();
  const agency = useSession()?.agency;
  useTitle(t("practices.nominate"));
  const unsent = useKept<PracticeInput>("nominate");
  const send = useMutation({
    mutationFn: nominate,
    onSuccess: (p) => {
      unsent.forget();
      client.setQueryData(practiceKey(p.id), p);
      client.invalidateQueries({ queryKey: practicesKey });
      toast(t("practice.nominated"));
      navigate({ to: "/practices/$id", params: { id: p.id } });
    },
  });
  if (!agency || !hasRole("SA", "AL", "RP", "EX")) return <Single><Closed title={t("practice.nominate.closed")}>{t("practice.nominate.closed.text")}</Closed></Single>;
  return (
    <Single>
      <div className="crumb"><Link to="/practices">{t("nav.practices")}</Link></div>
      <h1 className="h-page">{t("practices.nominate")}</h1>
      <p className="dim">{t("practice.nominate.text")}</p>
      <div className="mt4">
        <CardForm unsent={unsent} fault={send.error} pending={send.isPending} submit={(c) => send.mutate(c)} action={t("practice.nominate.action")}>
          <Link to="/practices" className={buttonClass({ tone: "quiet" })}>{t("action.cancel")}</Link>
        </CardForm>
      </div>
    </Single>
  );
}
