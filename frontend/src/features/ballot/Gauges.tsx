import type { Ballot } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { arithmetic, majority, ratio } from "./words";

const pc = (r: number) => `${Math.min(1, Math.max(0, r)) * 100}%`;

/** The votes as a bar over those who can still decide, with the quorum as a tick. */
export function QuorumBar({ ballot: b, label = true }: { ballot: Ballot; label?: boolean }) {
  const t = useT();
  const { tally: y, quorum_line: q } = b;
  const base = y.E - y.R;
  const alt = t("ballot.gauge.alt", { yes: y.for, no: y.against, abstain: y.abstain, base, needed: q.needed });
  return (
    <>
      <div className="gauge" role="img" aria-label={alt}>
        <i className="y" style={{ inlineSize: pc(ratio(y.for, base)) }} />
        <i className="n" style={{ inlineSize: pc(ratio(y.against, base)) }} />
        <i className="a" style={{ inlineSize: pc(ratio(y.abstain, base)) }} />
        <span className="tick" style={{ insetInlineStart: pc(ratio(q.needed, base)) }} />
      </div>
      {label && (
        <div className="gl" aria-hidden="true">
          <span style={{ insetInlineStart: pc(ratio(q.needed, base)) }}>{t("ballot.quorum.tick", { n: q.needed })}</span>
        </div>
      )}
    </>
  );
}

/** Quorum and majority: bar, tick and the sentence that says what they mean. */
export function Gauges({ ballot: b }: { ballot: Ballot }) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const { tally: y, quorum_line: q, threshold_line: line } = b;
  const m = majority(b);
  const missing = Math.max(0, q.needed - q.cast);
  return (
    <>
      <div className="q">
        <div className="lab2">
          <span>{t("ballot.cast.of", { n: y.C, all: y.E - y.R })}</span>
          <b className={q.met ? "c-agree" : "c-due"}>{q.met ? t("ballot.quorum.met") : t("ballot.quorum.missing", { n: missing })}</b>
        </div>
        <QuorumBar ballot={b} />
      </div>
      <div className="q">
        <div className="lab2">
          <span>{t(b.threshold === "absolute" ? "ballot.majority.of_all" : "ballot.majority.of_voters")}</span>
          {m && m.of > 0 && (
            <b className={line.met ? "c-agree" : "c-due"}>
              {t("ballot.majority.count", { yes: m.yes, of: m.of })} · {fmt.pct(m.share)}
            </b>
          )}
        </div>
        {m && (
          <>
            <div className="gauge thin" aria-hidden="true">
              <i className="y" style={{ inlineSize: pc(m.share) }} />
              <span className="tick" style={{ insetInlineStart: pc(m.tick) }} />
            </div>
            <div className="gl" aria-hidden="true">
              <span style={{ insetInlineStart: pc(m.tick) }}>{t(`ballot.threshold.${b.threshold as "simple"}.tick`)}</span>
            </div>
          </>
        )}
        <p className="meta">
          {t(`ballot.threshold.${b.threshold as "simple"}`)}
          {y.V > 0 && <> · <bdi>{fmt.code(arithmetic(pick(line.text, locale)))}</bdi></>}
        </p>
      </div>
      {y.R > 0 && <p className="meta">{t("ballot.recused.note", { n: y.R })}</p>}
      <p className="meta">{t("ballot.abstain.note")}</p>
    </>
  );
}
