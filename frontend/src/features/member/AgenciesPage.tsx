import { useState } from "react";
import { useHasRole } from "../../api/session";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Single } from "../../ui/Layout";
import { useTitle } from "../../ui/useTitle";
import { AgenciesTable } from "./AgenciesTable";
import { AgencyForm } from "./AgencyForm";
import { Workspaces } from "./Workspaces";

/** Who is in the network. */
export function AgenciesPage() {
  const t = useT();
  const hasRole = useHasRole();
  const [adding, setAdding] = useState(false);
  useTitle(t("agencies.title"));
  return (
    <Single>
      <div className="row between wrap">
        <h1 className="h-page">{t("agencies.title")}</h1>
        {hasRole("SA") && <Button tone="primary" onClick={() => setAdding(true)}>{t("agencies.add")}</Button>}
      </div>
      <AgenciesTable />
      <Workspaces />
      {adding && <AgencyForm close={() => setAdding(false)} />}
    </Single>
  );
}
