import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Guideline, LanguageRef } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area, Field, Select } from "../../ui/Field";
import { Section } from "../../ui/Layout";
import { Text } from "../../ui/People";
import { FaultNote, fieldError } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { createTranslation, guidelineKey, guidelineQuery, linkTranslation, originalsQuery } from "./api";
import { useBegin } from "./useBegin";

/** The text in its other language: the original of a translation, the translations of an original, and who is behind. */
export function Languages({ guideline: g }: { guideline: Guideline }) {
  const t = useT();
  const fmt = useFormat();
  const [open, setOpen] = useState<"begin" | "link" | null>(null);
  const may = g.abilities["guideline.update"];
  const begin = g.abilities["guideline.translate"];
  const linkable = may && g.language !== "ar";
  if (!g.translates && !g.translations?.length && !begin && !linkable) return null;
  const behind = (from: string | undefined, now: string | undefined) => from && now && from !== now;
  const from = (number: string | undefined, now: string | undefined) =>
    number && (
      <span className={`meta ${behind(number, now) ? "c-due" : ""}`}>
        {behind(number, now) ? t("guideline.translation.behind", { from: fmt.code(number), now: fmt.code(now ?? "") }) : t("guideline.translation.from", { from: fmt.code(number) })}
      </span>
    );
  return (
    <Section
      title={t("guideline.languages")}
      aside={
        <>
          {begin && <Button small tone="quiet" onClick={() => setOpen("begin")}>{t("guideline.translate")}</Button>}
          {linkable && <Button small tone="quiet" onClick={() => setOpen("link")}>{t(g.translates ? "guideline.original.change" : "guideline.original.link")}</Button>}
        </>
      }
    >
      {g.translates && (
        <p className="mt1" data-original>
          {t("guideline.original")} <Go to={g.translates} /><br />
          {from(g.translates.made_from, g.translates.current?.number)}
        </p>
      )}
      {(g.translations ?? []).map((x) => (
        <p className="mt1" key={x.id} data-translation={x.language}>
          {t(`lang.${x.language}`)}: <Go to={x} /><br />
          {from(x.made_from, g.current?.number) || <span className="meta">{t("guideline.translation.none")}</span>}
        </p>
      ))}
      {!g.translates && !g.translations?.length && <p className="meta mt1">{t(g.language === "ar" ? "guideline.languages.none" : "guideline.original.none")}</p>}
      {open === "begin" && <Begin guideline={g} close={() => setOpen(null)} />}
      {open === "link" && <LinkTo guideline={g} close={() => setOpen(null)} />}
    </Section>
  );
}

function Go({ to }: { to: LanguageRef }) {
  return <Link to="/guidelines/$gid" params={{ gid: to.id }}><Text of={to.title} /></Link>;
}

/** Begins the English translation of an Arabic guideline: a guideline of its own, whose draft has the Arabic text to begin with. */
function Begin({ guideline: g, close }: { guideline: Guideline; close: () => void }) {
  const t = useT();
  const [title, setTitle] = useState(g.title.en === g.title.ar ? "" : g.title.en);
  const [summary, setSummary] = useState("");
  const send = useBegin(() => createTranslation(g.id, { ar: g.title.ar, en: title.trim() }, summary.trim()), guidelineKey(g.id));
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!send.isPending) send.mutate();
  };
  const f = send.error;
  return (
    <Dialog title={t("guideline.translate")} onClose={close}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t("guideline.translate.text")}</p>
        {f && <FaultNote fault={f} />}
        <Field label={t("form.en", { label: t("guideline.title") })} dir="ltr" lang="en" required value={title} error={fieldError(f, "title", "title.en", "translates")} onChange={(e) => setTitle(e.target.value)} />
        <Area label={<>{t("form.en", { label: t("guideline.summary") })} <span className="meta">{t("form.optional")}</span></>} dir="ltr" lang="en" rows={2} value={summary} error={fieldError(f, "summary")} onChange={(e) => setSummary(e.target.value)} />
        <div className="acts">
          <Button type="submit" tone="primary" pending={send.isPending}>{t("guideline.translate.begin")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Says of an English guideline that was begun without which Arabic one it renders, and from which edition. */
function LinkTo({ guideline: g, close }: { guideline: Guideline; close: () => void }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const client = useQueryClient();
  const toast = useToast();
  const [original, setOriginal] = useState(g.translates?.id ?? "");
  const [from, setFrom] = useState("");
  const all = useQuery(originalsQuery(g.agency.id)).data ?? [];
  const choices = all.filter((o) => o.id !== g.id);
  const chosen = useQuery({ ...guidelineQuery(original), enabled: original !== "" }).data;
  const editions = original ? (chosen?.editions ?? []).filter((e) => ["published", "superseded", "withdrawn"].includes(e.state)) : [];
  const save = useMutation({
    mutationFn: () => linkTranslation(g.id, original, from),
    onSuccess: () => {
      for (const id of [g.id, original, g.translates?.id ?? ""]) client.invalidateQueries({ queryKey: guidelineKey(id) });
      toast(t("guideline.original.done"));
      close();
    },
  });
  const f = save.error;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <Dialog title={t("guideline.original.link")} onClose={close}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t("guideline.original.text")}</p>
        {f && <FaultNote fault={f} />}
        <Select
          label={t("guideline.original.which")}
          value={original}
          error={fieldError(f, "translates")}
          onChange={(e) => {
            setOriginal(e.target.value);
            setFrom("");
          }}
          options={[{ value: "", label: t("guideline.original.none") }, ...choices.map((o) => ({ value: o.id, label: pick(o.title, locale) }))]}
        />
        {g.current && editions.length > 0 && (
          <Select
            label={t("guideline.original.from", { number: fmt.code(g.current.number) })}
            value={from || (chosen?.current?.id ?? "")}
            error={fieldError(f, "made_from")}
            onChange={(e) => setFrom(e.target.value)}
            options={editions.map((e) => ({ value: e.id, label: t("guideline.edition", { number: fmt.code(e.number) }) }))}
          />
        )}
        <div className="acts">
          <Button type="submit" tone="primary" pending={save.isPending} disabled={original === (g.translates?.id ?? "")}>{t("action.save")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
