import "./When.css";
import { type CalendarDate, type CalendarDateTime, GregorianCalendar, IslamicUmalquraCalendar, parseDate, parseDateTime, toCalendar, toCalendarDate, toCalendarDateTime } from "@internationalized/date";
import { CalendarDays, ChevronLeft, ChevronRight, CircleAlert } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Button, Calendar, CalendarCell, CalendarGrid, CalendarGridBody, CalendarGridHeader, CalendarHeaderCell, DateField, DateInput, DatePicker, DateSegment, Dialog, Group, Heading, I18nProvider, Popover } from "react-aria-components";
import { useT } from "../locales/i18n";
import { usePrefs } from "../locales/prefs";
import { Icon } from "./Icon";

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong, above the field and read with it. */
  error?: string;
  /** 2026-11-24, or with a time 2026-11-24T14:00, in the network's zone; "" for none. */
  value: string;
  onChange: (value: string) => void;
  /** Also the hour and minute. */
  time?: boolean;
  required?: boolean;
  min?: string;
  max?: string;
}

const read = (s: string | undefined, time: boolean): CalendarDate | CalendarDateTime | null => {
  if (!s) return null;
  try {
    return time ? parseDateTime(s) : parseDate(s.slice(0, 10));
  } catch {
    return null;
  }
};
const write = (d: CalendarDate | CalendarDateTime, time: boolean) => (time ? d.toString().slice(0, 16) : d.toString().slice(0, 10));
const gregorian = new GregorianCalendar();
const ummAlQura = new IslamicUmalquraCalendar();

/** A day, or a day and time: typed in either calendar, in either set of digits, or picked. The two calendars follow each other. */
export function When({ label, hint, error, value, onChange, time = false, required, min, max }: Props) {
  const t = useT();
  const { prefs } = usePrefs();
  const id = useId();
  const arabic = prefs.locale === "ar";
  const nu = arabic ? prefs.digits : "latn";
  // A region that writes the digits, not "-nu-": with it React Aria refuses the other set when typing.
  const region = arabic ? (nu === "arab" ? "ar-EG" : "ar-AE") : "en-GB";
  const at = read(value, time);
  const day = at && toCalendarDate(at);
  const described = [hint ? `${id}-h` : "", error ? `${id}-e` : ""].filter(Boolean).join(" ") || undefined;
  const setDay = (d: CalendarDate | null) => {
    if (!d) return;
    const g = toCalendar(d, gregorian);
    onChange(write(time ? toCalendarDateTime(g, at && "hour" in at ? at : undefined) : g, time));
  };
  return (
    <div className="field when">
      <span className="lab" id={`${id}-l`}>{label}</span>
      {hint && <span className="hint" id={`${id}-h`}>{hint}</span>}
      {error && <span className="errmsg" id={`${id}-e`}><Icon of={CircleAlert} small />{error}</span>}
      <I18nProvider locale={`${region}-u-ca-gregory`}>
        <DatePicker
          aria-labelledby={`${id}-l`}
          aria-describedby={described}
          value={at}
          onChange={(d) => onChange(d ? write(d, time) : "")}
          granularity={time ? "minute" : "day"}
          hourCycle={24}
          shouldForceLeadingZeros
          validationBehavior="aria"
          isRequired={required}
          isInvalid={error ? true : undefined}
          minValue={read(min, time)}
          maxValue={read(max, time)}
        >
          <Group className="input">
            <DateInput className="segs">{(s) => <DateSegment className="seg1" segment={s} />}</DateInput>
            <Button className="iconbtn"><Icon of={CalendarDays} /></Button>
          </Group>
          <Popover className="menu cal" placement="bottom start">
            <Dialog>
              <Calendar firstDayOfWeek="sun">
                <header>
                  <Button slot="previous" className="iconbtn"><Icon of={ChevronLeft} flip /></Button>
                  <Heading />
                  <Button slot="next" className="iconbtn"><Icon of={ChevronRight} flip /></Button>
                </header>
                <CalendarGrid weekdayStyle="short">
                  <CalendarGridHeader>{(d) => <CalendarHeaderCell>{d}</CalendarHeaderCell>}</CalendarGridHeader>
                  <CalendarGridBody>
                    {(date) => (
                      <CalendarCell date={date}>
                        {({ formattedDate }) => <>{formattedDate}<small aria-hidden="true">{hijriDay(date, nu)}</small></>}
                      </CalendarCell>
                    )}
                  </CalendarGridBody>
                </CalendarGrid>
              </Calendar>
            </Dialog>
          </Popover>
        </DatePicker>
      </I18nProvider>
      <I18nProvider locale={`${region}-u-ca-islamic-umalqura`}>
        <DateField aria-label={t("when.hijri")} value={day} onChange={setDay} granularity="day" validationBehavior="aria" className="hijri">
          <span className="meta" aria-hidden="true">{t("when.hijri")}</span>
          <DateInput className="segs">{(s) => <DateSegment className="seg1" segment={s} />}</DateInput>
        </DateField>
      </I18nProvider>
    </div>
  );
}

const digits = { arab: new Intl.NumberFormat("ar-u-nu-arab"), latn: new Intl.NumberFormat("en") };
const hijriDay = (d: CalendarDate, nu: "arab" | "latn") => digits[nu].format(toCalendar(d, ummAlQura).day);
