import "./Member.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useIsMine } from "../../api/session";
import type { Agency } from "../../api/types";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Seal, Text } from "../../ui/People";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { agenciesQuery } from "./api";

const fold = (s: string) => s.normalize("NFKD").replace(/\p{M}|\u0640/gu, "").replace(/[أإآٱ]/g, "ا").toLowerCase();

/** The register of agencies. */
export function AgenciesTable() {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const list = useQuery(agenciesQuery);
  const [typed, setTyped] = useState("");
  const q = fold(useDeferredValue(typed.trim()));
  const all = list.data?.items ?? [];
  const sector = (a: Agency) => translateOr(`sector.${a.sector}`, a.sector);
  const items = q ? all.filter((a) => fold([a.name.ar, a.name.en, a.short.ar, a.short.en, a.code, sector(a)].join(" ")).includes(q)) : all;
  return (
    <>
      <div className="row wrap mt2">
        <input className="input" style={{ maxInlineSize: 320 }} type="search" dir="auto" aria-label={t("agencies.filter")} placeholder={t("agencies.filter")} value={typed} onChange={(e) => setTyped(e.target.value)} />
        {list.data && <span className="meta" role="status">{t("agencies.count", { n: items.length })}</span>}
      </div>
      {list.isPending && <Skeleton />}
      {list.isError && <ErrorState fault={list.error} retry={() => list.refetch()} />}
      {list.data && items.length === 0 && <Empty title={t("agencies.none")} />}
      {items.length > 0 && (
        <div className="scrollx">
          <table className="t agtable mt2">
            <thead>
              <tr>
                <th scope="col">{t("agencies.name")}</th>
                <th scope="col" className="hide-sm">{t("agency.code")}</th>
                <th scope="col" className="hide-sm">{t("agencies.sector")}</th>
                <th scope="col">{t("agencies.vote")}</th>
                <th scope="col">{t("agencies.seats")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((a) => (
                <tr key={a.id}>
                  <td>
                    <Link to="/agencies/$id" params={{ id: a.id }}><Text of={a.name} /></Link>
                    <div><Seal agency={a} mine={isMine(a)} />{a.status !== "active" && <> <Tag tone="against">{translateOr(`agency.status.${a.status}`, a.status)}</Tag></>}</div>
                  </td>
                  <td className="hide-sm"><bdi dir="ltr">{a.code}</bdi></td>
                  <td className="hide-sm meta">{sector(a)}</td>
                  <td className="meta">{t(a.has_vote ? "agencies.vote.yes" : "agencies.vote.no")}</td>
                  <td className="n">{fmt.num(a.seats_count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
