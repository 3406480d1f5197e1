/**
 * How smoothly the page of a run goes through a journal of ten thousand entries:
 * the play head is dragged from end to end in a real browser, and every frame is
 * timed.
 *
 *     deno run -A bench/builder_scrub.ts
 *
 * @module
 */
import type { Page } from "playwright-core";
import { runIs, signIn, stageOf, startRun } from "../tests/browser/_browser.ts";

/** Items of the loop; each is two entries. */
const ITEMS = 5_000;

/** How long the head is moved in each way, in milliseconds. */
const MOVE_MS = 5_000;

const DOCUMENT = `pipelines:
  long:
    input: { items: list }
    steps:
      - id: each
        forEach: input.items
        as: item
        concurrency: 20
        steps:
          - { id: pick, use: set, with: { values: { n: "\${{ item }}" } } }
          - { id: pack, use: log, with: { level: debug, message: "Item \${{ item }}" } }
      - { id: hold, wait: { signal: go } }
`;

/** How frames went while the head was moved in one way. */
export interface FrameFigures {
  readonly frames: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longestMs: number;
  /** What a frame cost the page: scripts, styles and layout, in CPU time. */
  readonly workMs: number;
  /** Entries that were shown. */
  readonly shown: number;
}

/** What was measured. */
export interface ScrubFigures {
  readonly entries: number;
  /** From the beginning of the navigation until the run is drawn. */
  readonly openMs: number;
  readonly dragged: FrameFigures;
  /** Ten entries further in every frame, by a key. */
  readonly paged: FrameFigures;
}

/** Opens a long run and moves the play head over it. */
export async function measureScrub(): Promise<ScrubFigures> {
  await using stage = await stageOf(DOCUMENT);
  const context = await stage.browser.newContext({
    baseURL: stage.origin,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  const id = await startRun(stage, "long", {
    items: Array.from({ length: ITEMS }, (_, index) => index),
  });
  // It goes on waiting, so its lanes grow while the head is moved.
  await runIs(stage, id, "waiting");
  const { entries } = await stage.api(`/api/runs/${id}`);
  await signIn(page);
  const begun = performance.now();
  await page.goto(`/runs/${id}`);
  await page.locator(".run-page .lane").first().waitFor();
  const openMs = performance.now() - begun;
  const dragged = await measured(page, "drag");
  const paged = await measured(page, "page");
  return { entries, openMs, dragged, paged };
}

async function measured(
  page: Page,
  way: "drag" | "page",
): Promise<FrameFigures> {
  const devtools = await page.context().newCDPSession(page);
  // Of the thread and not of the wall, so that a busy machine does not count.
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const workS = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.reduce(
      (sum, { name, value }) => WORK.has(name) ? sum + value : sum,
      0,
    );
  };
  const before = await workS();
  const { times, shown } = await move(page, way);
  const workMs = ((await workS()) - before) * 1_000 / times.length;
  times.sort((a, b) => a - b);
  const at = (part: number) =>
    times[Math.floor(part * (times.length - 1))] ?? NaN;
  await devtools.detach();
  return {
    ...{ frames: times.length, shown, workMs },
    ...{ medianMs: at(0.5), p95Ms: at(0.95), longestMs: at(1) },
  };
}

const WORK = new Set([
  "ScriptDuration",
  "LayoutDuration",
  "RecalcStyleDuration",
]);

/** Moves the head with an event in every frame, from one end on. */
function move(
  page: Page,
  way: "drag" | "page",
): Promise<{ readonly times: number[]; readonly shown: number }> {
  return page.evaluate(async ({ way, moveMs }) => {
    const scale = document.querySelector(".timeline-scale");
    const head = document.querySelector(".play-head");
    if (scale === null || head === null) {
      throw new Error("Cannot find the head");
    }
    const box = scale.getBoundingClientRect();
    const point = (type: string, part: number) =>
      scale.dispatchEvent(
        new PointerEvent(type, {
          ...{ bubbles: true, pointerId: 1 },
          clientX: box.left + part * box.width,
          clientY: box.top + 5,
        }),
      );
    const press = (key: string) =>
      head.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    // No pointer is down for the browser, so none can be captured.
    scale.setPointerCapture = () => {};
    scale.hasPointerCapture = () => true;
    const seen = new Set<string | null>();
    const times: number[] = [];
    if (way === "drag") point("pointerdown", 0);
    else press("Home");
    let before = await new Promise<number>(requestAnimationFrame);
    const begun = before;
    while (before - begun < moveMs) {
      if (way === "drag") point("pointermove", (before - begun) / moveMs);
      else press("PageDown");
      const now = await new Promise<number>(requestAnimationFrame);
      times.push(now - before);
      before = now;
      seen.add(head.getAttribute("aria-valuenow"));
    }
    return { times, shown: seen.size };
  }, { way, moveMs: MOVE_MS });
}

if (import.meta.main) {
  const { dragged, paged, ...figures } = await measureScrub();
  console.log(figures);
  console.table({ dragged, paged });
}
