import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fragment, useMemo, useState } from "react";
import { useT } from "../../locales/i18n";
import { useFormat } from "../../locales/format";
import { useLocale } from "../../locales/prefs";
import { Text } from "../../ui/People";
import { FaultNote } from "../../ui/States";
import { useToast } from "../../ui/Toast";
import { AcceptButton, RejectButton, RejectDialog } from "./Decision";
import { textDirection } from "./editor/direction";
import { acceptProposal, type Proposal, rejectProposal } from "./threads";
import { wordDiff } from "./worddiff";

/** One text become another, by words, on the side its letters ask for. */
export function WordDiff({ was, now }: { was: string; now: string }) {
  const t = useT();
  const base = useLocale() === "ar" ? "rtl" : "ltr";
  const pieces = useMemo(() => wordDiff(was, now), [was, now]);
  return (
    <p className="proposal" dir={textDirection(now || was, base) ?? base}>
      {pieces.map((p, i) => {
        if (p.kind === "same") return p.text;
        const Tag = p.kind;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one difference do not move.
          <Fragment key={i}>
            <Tag>
              <span className="vh">{t(p.kind === "del" ? "comment.takes" : "comment.puts")} </span>
              {p.text}
            </Tag>
            {/* What goes and what comes are two words, and Arabic letters would join across the border. */}
            {p.kind === "del" && pieces[i + 1]?.kind === "ins" && !/\s$/.test(p.text) && " "}
          </Fragment>
        );
      })}
    </p>
  );
}

/** The wording that a comment proposes, and deciding about it. */
export function Proposed({ proposal: p, draft, online }: { proposal: Proposal; draft: string; online: boolean }) {
  const t = useT();
  const fmt = useFormat();
  const toast = useToast();
  const queries = useQueryClient();
  const [rejecting, setRejecting] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: ["draft", draft] });
  const accept = useMutation({
    mutationFn: () => acceptProposal(p.id),
    onSuccess: async () => {
      toast(t("comment.proposal.accepted"));
      await refresh();
    },
  });
  return (
    <div className="proposed" data-proposal={p.id} data-state={p.state}>
      <WordDiff was={p.quote} now={p.insertion} />
      {p.state === "accepted" && p.decided_by && (
        <p className="meta">
          {t("comment.proposal.in", { version: fmt.num(p.log_version) })} <Text of={p.decided_by.person.name} />
        </p>
      )}
      {(p.state === "rejected" || p.state === "withdrawn") && <p className="meta">{t(`comment.proposal.${p.state}`)}</p>}
      {p.state === "open" && p.orphaned && <p className="meta">{t("comment.proposal.orphaned")}</p>}
      <FaultNote fault={accept.error} />
      <div className="row acts">
        <AcceptButton abilities={p.abilities} pending={accept.isPending} online={online} onPress={() => accept.mutate()} />
        <RejectButton abilities={p.abilities} online={online} onPress={() => setRejecting(true)} />
      </div>
      {rejecting && <RejectDialog title={t("comment.proposal.reject.title")} onReject={(reason) => rejectProposal(p.id, reason)} onDone={refresh} onClose={() => setRejecting(false)} />}
    </div>
  );
}
