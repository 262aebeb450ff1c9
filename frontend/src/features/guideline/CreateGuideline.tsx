import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useHasRole, useSession } from "../../api/session";
import type { Locale } from "../../api/types";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Field, Select } from "../../ui/Field";
import { FaultNote, fieldError } from "../../ui/States";
import { workspacesQuery } from "../member/api";
import { createGuideline } from "./api";
import { templates } from "./templates";
import { useBegin } from "./useBegin";

/** A new guideline: title, home, language and the template its first draft starts from. */
export function CreateGuideline({ close }: { close: () => void }) {
  const t = useT();
  const locale = useLocale();
  const session = useSession();
  const hasRole = useHasRole();
  const workspaces = useQuery(workspacesQuery()).data?.items ?? [];
  const own = workspaces.find((w) => w.kind === "agency" && w.agencies.some((a) => a.id === session?.agency?.id)) ?? workspaces[0];
  const [title, setTitle] = useState({ ar: "", en: "" });
  const [summary, setSummary] = useState("");
  const [language, setLanguage] = useState<Locale>("ar");
  const [kind, setKind] = useState<"agency" | "network">(hasRole("SA") ? "network" : "agency");
  const [workspace, setWorkspace] = useState("");
  const [template, setTemplate] = useState<(typeof templates)[number]>("manual");
  const home = workspace || own?.id || "";
  const send = useBegin(() =>
    createGuideline({
      title: { ar: title.ar.trim(), en: title.en.trim() },
      summary: summary.trim(),
      language, kind, workspace_id: home, template,
    }));
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  return (
    <Dialog title={t("guideline.new")} wide onClose={close}>
      <form className="form" onSubmit={submit}>
        {f && <FaultNote fault={f} />}
        <div className="pair">
          <Field label={t("form.ar", { label: t("guideline.title") })} dir="rtl" lang="ar" required={!title.en.trim()} value={title.ar} error={fieldError(f, "title", "title.ar")} onChange={(e) => setTitle({ ...title, ar: e.target.value })} />
          <Field label={t("form.en", { label: t("guideline.title") })} dir="ltr" lang="en" value={title.en} error={fieldError(f, "title.en")} onChange={(e) => setTitle({ ...title, en: e.target.value })} />
        </div>
        <Area label={<>{t("guideline.summary")} <span className="meta">{t("form.optional")}</span></>} rows={2} value={summary} error={fieldError(f, "summary")} onChange={(e) => setSummary(e.target.value)} />
        <div className="pair">
          <Select label={t("guideline.language")} value={language} onChange={(e) => setLanguage(e.target.value as Locale)} options={[{ value: "ar", label: t("lang.ar") }, { value: "en", label: t("lang.en") }]} />
          <Select label={t("guideline.kind")} value={kind} onChange={(e) => setKind(e.target.value as "agency" | "network")} error={fieldError(f, "kind")} options={[{ value: "agency", label: t("guideline.kind.agency") }, { value: "network", label: t("guideline.kind.network") }]} />
        </div>
        <Select label={t("guideline.workspace")} hint={t("guideline.workspace.hint")} required value={home} onChange={(e) => setWorkspace(e.target.value)} error={fieldError(f, "workspace_id", "workspace")} options={workspaces.map((w) => ({ value: w.id, label: [...new Set([pick(w.name, locale), t(`workspace.kind.${w.kind}`)])].join(" · ") }))} />
        <fieldset>
          <legend className="lab">{t("guideline.template")}</legend>
          <div className="tmpl">
            {templates.map((k) => (
              <label key={k}>
                <input type="radio" name="template" value={k} checked={template === k} onChange={() => setTemplate(k)} />
                <b>{t(`guideline.template.${k}`)}</b>
                <small>{t(`guideline.template.${k}.text`)}</small>
              </label>
            ))}
          </div>
        </fieldset>
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending}>{t("guideline.create")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
