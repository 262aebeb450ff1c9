import "./Member.css";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Check, Circle } from "lucide-react";
import { sessionQuery } from "../../api/session";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Mark } from "../../ui/Mark";
import { Text } from "../../ui/People";
import { useTitle } from "../../ui/useTitle";
import { PrefsForm, PrefsPreview } from "./PrefsForm";

/** The first page of a new member: how to read, with a live preview. */
export function WelcomePage() {
  const t = useT();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery).data;
  useTitle(t("welcome.title"));
  return (
    <div className="w3">
      <aside>
        <span className="brand"><Mark boxed /><span><Text of={session?.network.name} /></span></span>
        <ol>
          <li className="did"><Icon of={Check} /><span>{t("welcome.list.seat")}{session?.agency && <span className="meta" style={{ display: "block" }}><Text of={session.agency.name} /></span>}</span></li>
          <li className="on" aria-current="step"><Icon of={Circle} /><span>{t("welcome.list.reading")}</span></li>
        </ol>
        <p className="meta mt4">{t("welcome.later")}</p>
      </aside>
      <main id="matn" tabIndex={-1}>
        <p className="meta">{t("welcome.step")}</p>
        <h1>{t("welcome.title")}</h1>
        <PrefsForm />
        <div className="row mt5">
          <Button tone="primary" onClick={() => navigate({ to: "/" })}>{t("welcome.go")}</Button>
        </div>
      </main>
      <PrefsPreview />
    </div>
  );
}
