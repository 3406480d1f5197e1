/**
 * A cron expression, with what it means in words and when it comes next.
 *
 * @module
 */
import { inText } from "../parts/since.ts";
import { useLater } from "../parts/later.ts";
import { cronWords } from "../schedules/cron_words.ts";
import { useStore } from "./context.ts";
import { type ControlProps, TextInput } from "./control.tsx";
import { valueAt } from "./views.ts";

/** Beside it stands the time zone that it means. */
const TIME_ZONE = "timeZone";

export function CronField(props: ControlProps) {
  const { field, value, path, isInvalid } = props;
  const zone = valueAt(
    useStore().good.value?.value,
    [...path.slice(0, -1), TIME_ZONE],
  );
  const cron = String(value ?? field.defaultValue ?? "");
  return (
    <>
      <TextInput {...props} />
      {cron !== "" && !cron.includes("${") && !isInvalid && (
        <Times
          cron={cron}
          timeZone={typeof zone === "string" && zone !== "" ? zone : "UTC"}
        />
      )}
    </>
  );
}

function Times(
  { cron, timeZone }: { readonly cron: string; readonly timeZone: string },
) {
  const times = useLater(() => import("../schedules/next_times.ts"));
  if (times === undefined) return null;
  let next: readonly number[];
  try {
    next = times.nextCronTimes(cron, timeZone, Date.now());
  } catch {
    // What is wrong with it is told as a problem of the field.
    return null;
  }
  const words = cronWords(cron);
  return (
    <div class="preview" role="status">
      <strong>
        {words === cron.trim() ? "Comes next" : words}, {timeZone}
      </strong>
      <ul>
        {next.map((ms) => (
          <li key={ms}>
            {clockText(ms, timeZone)} <span>{inText(ms)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A time by the clock that the expression means. */
function clockText(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    ...{ weekday: "short", day: "numeric", month: "short" },
    ...{ hour: "2-digit", minute: "2-digit", timeZone },
    ...ms % 60_000 === 0 ? {} : { second: "2-digit" },
  }).format(ms);
}
