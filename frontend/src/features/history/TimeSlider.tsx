import { memo } from "react";
import { Label, Slider, SliderThumb, SliderTrack } from "react-aria-components";
import { useFormat } from "../../locales/format";
import { useT } from "../../locales/i18n";
import type { Bucket } from "./api";
import type { Mark } from "./marks";

const place = (version: number, head: number) => `${head > 0 ? (version / head) * 100 : 0}%`;

/**
 * The time of a draft, every update as wide as the next: nights and weeks without work take no room, dates stand where they begin.
 * One thumb chooses a version, two a comparison. Arrows move by one update, Page Up and Page Down by a tenth.
 */
export function TimeSlider({ head, value, buckets, marks, hueOf, dimmed, labelOf, onHold, onNear, onDrag, onChoose }: {
  head: number;
  /** One version, or from and to. */
  value: number[];
  buckets: readonly Bucket[];
  marks: readonly Mark[];
  hueOf: (by: number) => number;
  dimmed: (by: number) => boolean;
  labelOf: (version: number) => string;
  /** Somebody is about to move it. */
  onHold?: () => void;
  /** The pointer is over a version. */
  onNear?: (version: number) => void;
  onDrag: (value: number[]) => void;
  onChoose: (value: number[]) => void;
}) {
  const t = useT();
  const fmt = useFormat();
  const two = value.length === 2;
  const names = two ? [t("history.slider.from"), t("history.slider.to")] : [t("history.slider.at")];
  const word = (m: Mark) => (m.unit === "month" ? fmt.month(m.at) : m.unit === "day" ? fmt.day(m.at) : fmt.time(m.at));
  return (
    <Slider
      className="tslider"
      onPointerEnter={onHold}
      onPointerMove={onNear && ((e) => {
        const track = e.currentTarget.querySelector(".ts-track");
        if (!track || e.buttons > 0) return;
        const { left, right, width } = track.getBoundingClientRect();
        const share = (getComputedStyle(track).direction === "rtl" ? right - e.clientX : e.clientX - left) / Math.max(1, width);
        onNear(Math.round(Math.min(1, Math.max(0, share)) * head));
      })}
      minValue={0}
      maxValue={Math.max(1, head)}
      step={1}
      value={value}
      onChange={(v) => onDrag(Array.isArray(v) ? v : [v])}
      onChangeEnd={(v) => onChoose(Array.isArray(v) ? v : [v])}
    >
      <Label className="vh">{t("history.slider")}</Label>
      <SliderTrack className="ts-track">
        <Bars buckets={buckets} head={head} hueOf={hueOf} dimmed={dimmed} />
        {marks.map((m) => (
          <span key={`${m.version}`} className="ts-mark" style={{ insetInlineStart: place(m.version, head) }} aria-hidden="true">
            {word(m)}
          </span>
        ))}
        {two && <span className="ts-range" style={{ insetInlineStart: place(value[0]!, head), inlineSize: place(value[1]! - value[0]!, head) }} aria-hidden="true" />}
        {value.map((v, i) => (
          <span key={names[i]} className={`ts-label ${two && value[1]! - value[0]! > 0.55 * head ? "far" : ""}`} style={v / Math.max(1, head) > 0.5 ? { insetInlineEnd: `calc(${place(head - v, head)} + 8px)` } : { insetInlineStart: `calc(${place(v, head)} + 8px)` }} aria-hidden="true">
            <bdi>{labelOf(v)}</bdi>
          </span>
        ))}
        {value.map((v, i) => (
          <SliderThumb key={names[i]} index={i} className="ts-thumb" onFocus={onHold} aria-label={`${names[i]}: ${labelOf(v)}`} />
        ))}
      </SliderTrack>
    </Slider>
  );
}

const Bars = memo(function Bars({ buckets, head, hueOf, dimmed }: { buckets: readonly Bucket[]; head: number; hueOf: (by: number) => number; dimmed: (by: number) => boolean }) {
  const size = (b: Bucket) => b.counts.reduce((n, c) => n + c.inserted + c.deleted, 0) / Math.max(1, b.to - b.from);
  const most = Math.max(1, ...buckets.map(size));
  return (
    <span className="ts-bars" aria-hidden="true">
      {buckets.map((b) => {
        const all = b.counts.reduce((n, c) => n + c.inserted + c.deleted, 0) || 1;
        // The root keeps one great paste from flattening all that was typed.
        const height = 8 + 92 * Math.sqrt(size(b) / most);
        return (
          <span key={b.from} className="ts-bar" style={{ insetInlineStart: place(b.from, head), inlineSize: place(b.to - b.from, head), blockSize: `${height / 2}%` }}>
            {b.counts.map((c) => (
              <i key={c.by} className={`h${hueOf(c.by)} ${dimmed(c.by) ? "dimmed" : ""}`} style={{ flexGrow: (c.inserted + c.deleted) / all }} />
            ))}
          </span>
        );
      })}
    </span>
  );
});
