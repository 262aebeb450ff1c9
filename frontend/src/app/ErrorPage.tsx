import { Link, useRouter } from "@tanstack/react-router";
import { FileQuestion } from "lucide-react";
import { useT } from "../locales/i18n";
import { buttonClass } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Single } from "../ui/Layout";
import { Empty, ErrorState } from "../ui/States";

/** A page that failed while it was being drawn or read. */
export function ErrorPage({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <Single>
      <ErrorState fault={error} retry={() => router.invalidate()} />
    </Single>
  );
}

/** An address that leads nowhere. */
export function NotFoundPage() {
  const t = useT();
  return (
    <Single>
      <Empty
        icon={<span className="dim"><Icon of={FileQuestion} /></span>}
        title={t("page.notfound.title")}
        actions={<Link to="/" className={buttonClass({ small: true })}>{t("page.notfound.home")}</Link>}
      >
        {t("page.notfound.text")}
      </Empty>
    </Single>
  );
}
