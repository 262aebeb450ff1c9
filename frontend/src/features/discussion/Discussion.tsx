import "./Discussion.css";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import { useIsMine } from "../../api/session";
import type { Discussion as Topic, Page } from "../../api/types";
import { useTopic } from "../../live/socket";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Area } from "../../ui/Field";
import { GoLink } from "../../ui/GoLink";
import { Section } from "../../ui/Layout";
import { Person, Seal } from "../../ui/People";
import { ErrorState, FaultNote, fieldError, Skeleton } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { FlagButton } from "../moderation/FlagButton";

const topicKey = (id: string) => ["discussion", id] as const;

/** The discussion that a tie opened: what was said, and a place to answer. */
export function Discussion({ id }: { id: string }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const client = useQueryClient();
  const toast = useToast();
  const [body, setBody] = useState("");
  useTopic(`discussion/${id}`, topicKey(id));
  const topic = useQuery(queryOptions({ queryKey: topicKey(id), queryFn: ({ signal }) => api.get<Topic>(`/discussions/${id}`, signal) }));
  const send = useMutation({
    mutationFn: () => api.post<Topic>(`/discussions/${id}/posts`, { body: body.trim() }),
    onSuccess: (next) => {
      client.setQueryData(topicKey(id), next);
      setBody("");
      toast(t("discussion.sent"));
    },
  });
  const [closing, setClosing] = useState(false);
  const d = topic.data;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (body.trim() && !send.isPending) send.mutate();
  };
  return (
    <Section className="mt4 discussion" title={t("discussion.title")} aside={d && <span className="meta">{t("discussion.count", { n: d.posts.length })}</span>}>
      <p className="meta mt1">{d ? t("discussion.tie", { when: fmt.moment(d.opened_at) }) : ""}</p>
      {topic.isPending && <Skeleton rows={2} />}
      {topic.isError && <ErrorState fault={topic.error} retry={() => topic.refetch()} />}
      <ol className="posts">
        {(d?.posts ?? []).map((p) => (
          <li key={p.id}>
            <div className="row between wrap">
              <span className="row wrap"><b><Person of={p.person} /></b> <Seal agency={p.agency} mine={isMine(p.agency)} /> <span className="meta">{fmt.relative(p.created_at)}</span></span>
              {!p.hidden && <FlagButton object={p.id} bare />}
            </div>
            {p.hidden && <p className="meta">{t("discussion.hidden")}</p>}
            {p.body && <p className="text" dir="auto">{p.body}</p>}
          </li>
        ))}
      </ol>
      {d?.abilities?.["discussion.post"] && (
        <form className="form mt3" onSubmit={submit}>
          <Area label={t("discussion.post")} hint={t("discussion.post.hint")} rows={3} maxLength={6000} value={body} error={fieldError(send.error, "body")} onChange={(e) => setBody(e.target.value)} />
          {send.error && <FaultNote fault={send.error} />}
          <div><Button type="submit" pending={send.isPending} disabled={!body.trim()}>{t("discussion.send")}</Button></div>
        </form>
      )}
      {d?.closed_at && (
        <div className="note mt3" data-closed="">
          <div>
            {d.closed_by ? (
              <p className="meta">{t("discussion.closed.by", { when: fmt.moment(d.closed_at) })} <Person of={d.closed_by} /></p>
            ) : (
              <p className="meta">{t("discussion.closed.round", { when: fmt.moment(d.closed_at) })}</p>
            )}
            {d.conclusion && (
              <>
                <b>{t("discussion.conclusion")}</b>
                <p className="text" dir="auto">{d.conclusion}</p>
              </>
            )}
          </div>
        </div>
      )}
      {d?.abilities?.["discussion.close"] && <div className="mt3"><Button small tone="quiet" onClick={() => setClosing(true)}>{t("discussion.close")}</Button></div>}
      {closing && <CloseDialog id={id} done={(next) => client.setQueryData(topicKey(id), next)} close={() => setClosing(false)} />}
    </Section>
  );
}

/** Ends a discussion with what came of it. */
function CloseDialog({ id, done, close }: { id: string; done: (next: Topic) => void; close: () => void }) {
  const t = useT();
  const toast = useToast();
  const [conclusion, setConclusion] = useState("");
  const end = useMutation({
    mutationFn: () => api.post<Topic>(`/discussions/${id}/close`, { conclusion: conclusion.trim() }),
    onSuccess: (next) => {
      done(next);
      toast(t("discussion.close.done"));
      close();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (conclusion.trim() && !end.isPending) end.mutate();
  };
  return (
    <Dialog title={t("discussion.close")} onClose={close}>
      <form className="form" onSubmit={submit}>
        <p className="dim">{t("discussion.close.text")}</p>
        <Area label={t("discussion.conclusion")} hint={t("discussion.close.hint")} required rows={4} maxLength={6000} dir="auto" value={conclusion} error={fieldError(end.error, "conclusion")} onChange={(e) => setConclusion(e.target.value)} />
        {end.error && <FaultNote fault={end.error} />}
        <div className="acts">
          <Button type="submit" tone="primary" pending={end.isPending} disabled={!conclusion.trim()}>{t("discussion.close")}</Button>
          <Button onClick={close}>{t("action.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The discussions about a practice or an edition, each with the ballot that opened it; nothing where there is none. */
export function Discussions({ subject }: { subject: string }) {
  const t = useT();
  const fmt = useFormat();
  useTopic("discussions", ["discussions", subject]);
  const rows = useQuery({ queryKey: ["discussions", subject], queryFn: ({ signal }) => api.get<Page<Topic>>(`/discussions?subject=${subject}`, signal) }).data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t("discussion.list")}>
      <ul className="reg mt1">
        {rows.map((d) => (
          <li key={d.id} style={{ display: "block", padding: "9px 0" }}>
            <GoLink className="b" href={`/ballots/${d.ballot_id}#discussion`}>{t("discussion.title")}</GoLink>
            <div className="meta">{fmt.day(d.opened_at)} · {t("discussion.count", { n: d.count })}{d.closed_at && ` · ${t("discussion.closed", { when: fmt.day(d.closed_at) })}`}</div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
