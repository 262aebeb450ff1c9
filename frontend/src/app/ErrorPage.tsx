import { useQuery } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { FileQuestion } from "lucide-react";
import { ApiFault } from "../api/client";
import { sessionQuery } from "../api/session";
import { useT } from "../locales/i18n";
import { buttonClass } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Single } from "../ui/Layout";
import { Mark } from "../ui/Mark";
import { Text } from "../ui/People";
import { Empty, ErrorState } from "../ui/States";
import { Layout } from "./Layout";

/** A page that failed while it was being drawn or read. */
export function ErrorPage({ error }: { error: unknown }) {
  const router = useRouter();
  // The code of a page that did not arrive is asked for once only, so another try begins the page anew; what the hub refused is asked again.
  const unread = !(error instanceof ApiFault);
  const fault = unread && !navigator.onLine ? new ApiFault(0, "client.offline", { ar: "", en: "" }) : error;
  return (
    <Single>
      <ErrorState fault={fault} retry={() => (unread && navigator.onLine ? location.reload() : router.invalidate())} />
    </Single>
  );
}

/** An address that leads nowhere, under the header: that of the workspace, or its brand alone for who has not signed in. */
export function NotFoundPage() {
  const t = useT();
  const session = useQuery(sessionQuery).data;
  const page = (
    <Single>
      <Empty
        whole
        icon={<span className="dim"><Icon of={FileQuestion} /></span>}
        title={t("page.notfound.title")}
        actions={<Link to="/" className={buttonClass({ small: true })}>{t("page.notfound.home")}</Link>}
      >
        {t("page.notfound.text")}
      </Empty>
    </Single>
  );
  if (session?.person) return <Layout>{page}</Layout>;
  return (
    <div className="frame-app">
      <header className="top">
        <a className="brand" href="/published">
          <Mark />
          <span><Text of={session?.network.name} /></span>
        </a>
      </header>
      <div className="stage">{page}</div>
    </div>
  );
}
