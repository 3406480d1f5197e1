/**
 * Plays a run back, and says where it is.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { lengthText, timeText } from "../parts/time.ts";
import type { Past } from "./past.ts";
import type { RunLook } from "./run_look.ts";

/** How long it takes to play all of it, in seconds. */
const LENGTHS_S = [3, 10, 30, 120] as const;

/** What the controls are of. */
export interface TransportProps {
  readonly look: RunLook;
  readonly at: number;
  readonly onAt: (at: number) => void;
}

/** See the module comment. */
export function Transport(
  { look, at, onAt }: TransportProps,
): JSX.Element {
  const { past } = look;
  const [seconds, setSeconds] = useState<number>(10);
  const [isPlaying, setPlaying] = usePlayback({ look, at, onAt }, seconds);
  const step = (by: number) => {
    setPlaying(false);
    onAt(Math.min(past.last, Math.max(0, at + by)));
  };
  return (
    <div class="transport" role="group" aria-label="Time travel">
      <button
        type="button"
        class="button icon small turned"
        aria-label="Entry before"
        title="Entry before (←)"
        disabled={at === 0}
        onClick={() => step(-1)}
      >
        <Icon name="right" />
      </button>
      <button
        type="button"
        class="button small"
        aria-pressed={isPlaying}
        disabled={past.last === 0}
        title="Play back (Space)"
        onClick={() => setPlaying(!isPlaying)}
      >
        <Icon name={isPlaying ? "pause" : "play"} size={14} />
        {isPlaying ? "Pause" : "Play"}
      </button>
      <button
        type="button"
        class="button icon small"
        aria-label="Next entry"
        title="Next entry (→)"
        disabled={at >= past.last}
        onClick={() => step(1)}
      >
        <Icon name="right" />
      </button>
      <Speed seconds={seconds} onSeconds={setSeconds} />
      <Pill status={past.statusAt(at)} />
      <Place past={past} at={at} />
      <span class="grow"></span>
      {at < past.last && (
        <button
          type="button"
          class="button small"
          onClick={() => step(past.last)}
        >
          {past.isOver ? "Go to the end" : "Go to now"}
        </button>
      )}
      <Legend />
    </div>
  );
}

function Speed(
  { seconds, onSeconds }: {
    readonly seconds: number;
    readonly onSeconds: (seconds: number) => void;
  },
): JSX.Element {
  return (
    <select
      class="field transport-speed"
      aria-label="How fast to play"
      value={String(seconds)}
      onChange={({ currentTarget }) => onSeconds(Number(currentTarget.value))}
    >
      {LENGTHS_S.map((length) => (
        <option key={length} value={String(length)}>
          in {lengthText(length * 1_000)}
        </option>
      ))}
    </select>
  );
}

/** Which entry it is, and when that was. */
function Place(
  { past, at }: { readonly past: Past; readonly at: number },
): JSX.Element {
  const ms = past.entries[at]?.at ?? 0;
  const afterMs = Math.max(0, ms - (past.entries[0]?.at ?? 0));
  return (
    <span class="transport-place number">
      {`Entry ${at + 1} of ${past.entries.length} `}
      <span class="quiet">{`+${lengthText(afterMs)} · ${timeText(ms)}`}</span>
    </span>
  );
}

function Legend(): JSX.Element {
  return (
    <ul class="run-legend" aria-label="Colours of the lanes">
      <li>
        <i class="segment assignment"></i>Assignment
      </li>
      <li>
        <i class="segment execution tone-ok"></i>Execution
      </li>
      <li>
        <i class="segment transition"></i>Transition
      </li>
      <li>
        <i class="segment waiting"></i>Waiting
      </li>
    </ul>
  );
}

/** Moves from entry to entry so that all takes `seconds`; Space begins and ends it. */
function usePlayback(
  { look: { past }, at, onAt }: TransportProps,
  seconds: number,
): [boolean, (isPlaying: boolean) => void] {
  const [isPlaying, setPlaying] = useState(false);
  const now = useRef({ at, onAt });
  now.current = { at, onAt };
  useEffect(() => {
    if (!isPlaying) return;
    if (now.current.at >= past.last) now.current.onAt(0);
    const perMs = Math.max(past.last, 1) / (seconds * 1_000);
    let place = now.current.at >= past.last ? 0 : now.current.at;
    let before = performance.now();
    let frame = requestAnimationFrame(function next(time) {
      place += Math.max(0, time - before) * perMs;
      before = time;
      const to = Math.min(past.last, Math.floor(place));
      if (to !== now.current.at) now.current.onAt(to);
      if (to >= past.last) return setPlaying(false);
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, seconds, past]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== " " || isControl(event.target)) return;
      event.preventDefault();
      setPlaying((before) => !before);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  return [isPlaying, setPlaying];
}

/** Whether keys mean something of its own to what has the focus. */
export function isControl(target: EventTarget | null): boolean {
  return target instanceof Element &&
    target.closest(
        "a, button, input, select, textarea, summary, dialog, [role=tab]",
      ) !== null;
}
