import "./Narrow.css";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Check, SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { Button as AriaButton, Checkbox, CheckboxGroup, Disclosure, DisclosurePanel, Heading, Label } from "react-aria-components";
import type { Narrowing } from "../../api/types";
import { useFormat } from "../../locales/format";
import { pick, useT } from "../../locales/i18n";
import { useLocale } from "../../locales/prefs";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/States";
import { type Axis, axes, choose, chosenOf, type NarrowSearch, narrowSearch } from "./search";

/** The narrowing of the page, kept in its address; `by` goes into the question to the hub as it is. */
export function useNarrowing() {
  const by = narrowSearch(useSearch({ strict: false }) as Record<string, unknown>);
  const navigate = useNavigate();
  const go = (next: NarrowSearch) => {
    const search = (was: Record<string, unknown>) => ({ ...was, ...Object.fromEntries(axes.map((a) => [a, undefined])), ...next });
    // The routes that narrow all have these keys; which of them this is does not matter here.
    navigate({ to: ".", search: search as never, resetScroll: false });
  };
  return {
    by,
    /** Some value of some axis is chosen. */
    on: axes.some((a) => by[a]),
    set: (axis: Axis, values: string[]) => go(choose(by, axis, values)),
    clear: () => go({}),
  };
}

/**
 * How a list is narrowed by the agencies that its rows belong to: a disclosure with the values of every axis and the rows
 * that each would leave, and what is chosen as words that can be taken away. It stands in the row of what else the page
 * offers above its list.
 */
export function NarrowBar({ facets, children, end, className = "row wrap" }: {
  /** Of the list as the hub answered it; undefined while it loads. */
  facets?: Narrowing;
  /** The row, up to the narrowing. */
  children?: ReactNode;
  /** The row after it: the page's primary act. */
  end?: ReactNode;
  /** How the row is laid out. */
  className?: string;
}) {
  const t = useT();
  const fmt = useFormat();
  const locale = useLocale();
  const { by, on, set, clear } = useNarrowing();
  const opener = useRef<HTMLButtonElement>(null);
  const offered = facets?.axes ?? [];
  if (!on && offered.every((a) => a.values.length < 2)) return children || end ? <div className={`${className} narrow-row`}>{children}{end}</div> : null;
  const name = (axis: Axis, value: string) => {
    const known = offered.find((a) => a.axis === axis)?.values.find((v) => v.value === value);
    return known ? pick(known.name, locale) : value;
  };
  // Whoever takes the last word away loses the button under the finger: the focus goes to the one that opens the rest.
  const drop = (act: () => void) => {
    act();
    opener.current?.focus();
  };
  return (
    <Disclosure className="narrowing">
      <div className={`${className} narrow-row`}>
        {children}
        <Heading level={2} className="narrow-h">
          <AriaButton slot="trigger" ref={opener} className="btn"><Icon of={SlidersHorizontal} small />{t("narrow.title")}</AriaButton>
        </Heading>
        {end}
      </div>
      {on && (
        <div className="row wrap narrow-chosen">
          <ul className="narrow-words" aria-label={t("narrow.chosen")}>
            {axes.flatMap((axis) => chosenOf(by, axis).map((v) => (
              <li key={`${axis} ${v}`}>
                <button type="button" className="narrow-word" aria-label={t("narrow.remove", { word: name(axis, v) })} onClick={() => drop(() => set(axis, chosenOf(by, axis).filter((x) => x !== v)))}>
                  <bdi>{name(axis, v)}</bdi><Icon of={X} small />
                </button>
              </li>
            )))}
          </ul>
          <Button small tone="quiet" onClick={() => drop(clear)}>{t("narrow.clear")}</Button>
          {facets && <span className="meta" role="status">{t("narrow.of", { n: facets.total, all: facets.all })}</span>}
        </div>
      )}
      <DisclosurePanel className="narrow-panel">
        <div className="narrow-axes">
          {offered.filter((a) => a.values.length > 0).map((a) => (
            <CheckboxGroup key={a.axis} className="narrow-axis" value={chosenOf(by, a.axis)} onChange={(values) => set(a.axis, values)}>
              <Label className="narrow-label">{t(`narrow.axis.${a.axis}`)}</Label>
              {a.values.map((v) => (
                <Checkbox key={v.value} value={v.value} className="narrow-value">
                  {({ isSelected }) => (
                    <>
                      <span className={`check ${isSelected ? "on" : ""}`} aria-hidden="true">{isSelected && <Icon of={Check} />}</span>
                      <bdi>{pick(v.name, locale)}</bdi>
                      <span className="meta">{fmt.num(v.count)}</span>
                    </>
                  )}
                </Checkbox>
              ))}
            </CheckboxGroup>
          ))}
        </div>
      </DisclosurePanel>
    </Disclosure>
  );
}

/** A list that a narrowing left empty: which one it was, and the way out. */
export function NarrowedOut({ facets }: { facets?: Narrowing }) {
  const t = useT();
  const locale = useLocale();
  const { by, clear } = useNarrowing();
  const names = axes.flatMap((axis) => chosenOf(by, axis).map((v) => {
    const known = facets?.axes.find((a) => a.axis === axis)?.values.find((x) => x.value === v);
    return known ? pick(known.name, locale) : v;
  }));
  return (
    <Empty title={t("narrow.empty", { words: names.join(t("list.comma")) })} actions={<Button small onClick={clear}>{t("narrow.clear")}</Button>}>
      {facets ? t("narrow.empty.text", { n: facets.all }) : undefined}
    </Empty>
  );
}
