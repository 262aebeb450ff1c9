import "./Member.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useIsMine } from "../../api/session";
import { useFormat } from "../../locales/format";
import { translateOr, useT } from "../../locales/i18n";
import { Seal, Text } from "../../ui/People";
import { Empty, ErrorState, Skeleton } from "../../ui/States";
import { Tag } from "../../ui/Tag";
import { NarrowBar, NarrowedOut, useNarrowing } from "../narrow/Narrow";
import { registerQuery } from "./api";
import { useWords } from "./words";

/** The register of agencies; `bar` offers to narrow it, where the page does not. */
export function AgenciesTable({ bar = true }: { bar?: boolean }) {
  const t = useT();
  const fmt = useFormat();
  const isMine = useIsMine();
  const { by, on } = useNarrowing();
  const [typed, setTyped] = useState("");
  const list = useQuery({ ...registerQuery(useDeferredValue(typed.trim()), by), placeholderData: keepPreviousData });
  const facets = list.data?.narrowing;
  const items = list.data?.items ?? [];
  const wordOf = useWords();
  const filter = (
    <>
      <input className="input" style={{ maxInlineSize: 320 }} type="search" dir="auto" aria-label={t("agencies.filter")} placeholder={t("agencies.filter")} value={typed} onChange={(e) => setTyped(e.target.value)} />
      {list.data && <span className="meta" role="status">{t("agencies.count", { n: items.length })}</span>}
    </>
  );
  return (
    <>
      {bar ? <NarrowBar facets={facets} className="row wrap mt2">{filter}</NarrowBar> : <div className="row wrap mt2">{filter}</div>}
      {list.isPending && <Skeleton />}
      {list.isError && <ErrorState fault={list.error} retry={() => list.refetch()} />}
      {list.data && items.length === 0 && on && <NarrowedOut facets={facets} />}
      {list.data && items.length === 0 && !on && <Empty title={t("agencies.none")} />}
      {items.length > 0 && (
        <div className="scrollx">
          <table className="t agtable mt2">
            <thead>
              <tr>
                <th scope="col">{t("agencies.name")}</th>
                <th scope="col" className="hide-sm">{t("agency.code")}</th>
                <th scope="col" className="hide-sm">{t("agencies.sector")}</th>
                <th scope="col" className="hide-sm">{t("narrow.axis.area")}</th>
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
                  <td className="hide-sm meta">{wordOf("sector", a.sector)}</td>
                  <td className="hide-sm meta">{wordOf("area", a.area)}</td>
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
