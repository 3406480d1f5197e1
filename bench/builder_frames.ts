/**
 * How soon the builder is there, and how smoothly it moves with 1,000 modules and
 * 1,600 ties, all of whose counters change five times a second: in a real browser,
 * every frame is timed while the canvas is panned and zoomed and a card is dragged.
 *
 *     deno run -A bench/builder_frames.ts
 *
 * @module
 */
import type { Page } from "playwright-core";
import { buildIslands, type Built } from "../islands/build.ts";
import { signIn, stageOf } from "../tests/browser/_browser.ts";
import { LARGE_MODULES, largeDocument } from "../tests/_large_document.ts";

/** How long each movement is, in frames. */
const FRAMES = 180;

/** Movements that take longer than this are given up, in milliseconds. */
const PATIENCE_MS = 20_000;

/** How frames went while something was moved. */
export interface FrameFigures {
  readonly frames: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longestMs: number;
}

/** What was measured. */
export interface BuilderFigures {
  /** What the page loads until it can be used, packed, in KB. */
  readonly scriptKB: number;
  /** Of a page with one module. */
  readonly smallPaintMs: number;
  /** From the beginning of the navigation, with all modules. */
  readonly paintMs: number;
  readonly interactiveMs: number;
  /** A movement that drew no frames any more, and what follows it, is left out. */
  readonly moved: Readonly<Record<string, FrameFigures>>;
}

/** Opens a small and a large document, and moves about in the large one. */
export async function measureBuilder(): Promise<BuilderFigures> {
  const small = await opened(
    "modules:\n  - { name: one, type: messaging.broker }\n",
  );
  await using stage = await stageOf(largeDocument());
  const context = await stage.browser.newContext({
    baseURL: stage.origin,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  await page.addInitScript(moveCounters, LARGE_MODULES);
  await signIn(page);
  const { paintMs, interactiveMs } = await open(page);
  const moved: Record<string, FrameFigures> = {};
  for (const zoom of ["Show all", "Zoom to 100 %"]) {
    await page.getByTitle(zoom).click();
    await page.waitForTimeout(500);
    for (const way of ["pan", "zoom", "drag"] as const) {
      const figures = await atMost(PATIENCE_MS, measured(page, way));
      // A page that draws no frames any more answers nothing else, either.
      if (figures === undefined) break;
      moved[`${zoom}: ${way}`] = figures;
    }
  }
  return {
    scriptKB: small.scriptKB,
    smallPaintMs: small.paintMs,
    ...{ paintMs, interactiveMs, moved },
  };
}

/** What comes in time. */
async function atMost<T>(
  limitMs: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    // What is given up ends with the browser.
    work.catch(() => {});
  }
}

async function opened(document: string) {
  await using stage = await stageOf(document);
  const page = await stage.browser.newPage({ baseURL: stage.origin });
  await signIn(page);
  const times = await open(page);
  const names = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name)
  );
  return { ...times, scriptKB: await packedKB(names) };
}

/** The size of scripts as they are sent, but for the text's editor, which comes later. */
async function packedKB(urls: readonly string[]): Promise<number> {
  const { assets, metafile: { outputs } } = await buildIslands();
  const of = (entry: string) =>
    importedBy(
      outputs,
      Object.keys(outputs).find((path) => outputs[path]?.entryPoint === entry),
    );
  const later = of("builder/yaml_editor.tsx")
    .difference(of("builder/builder.tsx"));
  let bytes = 0;
  for (const { name, content } of assets) {
    const isLater = later.has(`dist/${name}`);
    if (!name.endsWith(".js") || isLater) continue;
    if (!urls.some((url) => url.endsWith(name))) continue;
    const packed = new Blob([content]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    bytes += (await new Response(packed).arrayBuffer()).byteLength;
  }
  return bytes / 1_000;
}

/** A script, and all that it cannot do without. */
function importedBy(
  outputs: Built["metafile"]["outputs"],
  path = "",
): Set<string> {
  const all = new Set([path]);
  for (const one of all) {
    for (const { path, kind } of outputs[one]?.imports ?? []) {
      if (kind === "import-statement") all.add(path);
    }
  }
  return all;
}

async function open(page: Page) {
  await page.goto("/d/shop");
  await page.locator("canvas.drawn, .react-flow__node").first().waitFor();
  return await page.evaluate(() => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return {
      paintMs: paint?.startTime ?? NaN,
      interactiveMs: performance.now(),
    };
  });
}

/** Stands in for the stream of events: every tie has a new count, five times a second. */
function moveCounters(modules: number): void {
  const edges: Record<string, number> = {};
  globalThis.EventSource = class extends EventTarget {
    onopen: (() => void) | null = null;
    onerror: (() => void) | null = null;
    readonly readyState = 1;
    readonly #timer = setInterval(() => {
      for (let i = 0; i < modules; i++) {
        for (const j of [0, 1]) {
          const path = `modules[${i}].dependsOn[${j}]`;
          edges[path] = (edges[path] ?? 0) + 1;
        }
      }
      const data = JSON.stringify({
        at: Date.now(),
        application: "shop",
        edges,
      });
      this.dispatchEvent(new MessageEvent("traffic", { data }));
    }, 200);

    close(): void {
      clearInterval(this.#timer);
    }
  } as unknown as typeof EventSource;
}

/** Moves something a bit in every frame. */
async function measured(
  page: Page,
  way: "pan" | "zoom" | "drag",
): Promise<FrameFigures> {
  const times = await page.evaluate(async ({ way, frames }) => {
    const canvas = document.querySelector(".flow");
    const pane = document.querySelector(".react-flow__pane");
    const drawn = document.querySelector("canvas.drawn");
    if (!canvas || !pane) throw new Error("Cannot find the canvas");
    const box = canvas.getBoundingClientRect();
    const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const distance = (card: Element) => {
      const { left, top, width, height } = card.getBoundingClientRect();
      return Math.hypot(
        left + width / 2 - middle.x,
        top + height / 2 - middle.y,
      );
    };
    // Near the middle, so that the canvas stays where it is.
    const [card] = [...document.querySelectorAll(".react-flow__node")]
      .toSorted((one, other) => distance(one) - distance(other));
    const target = way === "drag" ? drawn ?? card ?? pane : drawn ?? pane;
    const at = way === "drag" && target === card
      ? card.getBoundingClientRect()
      : undefined;
    const from = at
      ? { x: at.left + at.width / 2, y: at.top + at.height / 2 }
      : middle;
    const send = (type: string, x: number, y: number) => {
      const init = { bubbles: true, cancelable: true, view: window };
      const place = { clientX: x, clientY: y, button: 0, buttons: 1 };
      const to = type === "down" ? target : window;
      to.dispatchEvent(
        new PointerEvent(`pointer${type}`, { ...init, ...place, pointerId: 1 }),
      );
      to.dispatchEvent(new MouseEvent(`mouse${type}`, { ...init, ...place }));
    };
    const times: number[] = [];
    if (way !== "zoom") send("down", from.x, from.y);
    let before = await new Promise<number>(requestAnimationFrame);
    for (let frame = 0; frame < frames; frame++) {
      if (way === "zoom") {
        target.dispatchEvent(
          new WheelEvent("wheel", {
            ...{ bubbles: true, cancelable: true },
            ...{ clientX: middle.x, clientY: middle.y },
            deltaY: frame % 90 < 45 ? -20 : 20,
          }),
        );
      } else {
        send(
          "move",
          from.x + 120 * Math.sin(frame / 15),
          from.y + 80 * Math.sin(frame / 22),
        );
      }
      const now = await new Promise<number>(requestAnimationFrame);
      times.push(now - before);
      before = now;
    }
    if (way !== "zoom") send("up", from.x, from.y);
    return times;
  }, { way, frames: FRAMES });
  return figuresOf(times);
}

function figuresOf(all: readonly number[]): FrameFigures {
  const times = all.toSorted((one, other) => one - other);
  const part = (share: number) =>
    times[Math.floor(share * (times.length - 1))] ?? NaN;
  return {
    frames: times.length,
    medianMs: part(0.5),
    p95Ms: part(0.95),
    longestMs: part(1),
  };
}

if (import.meta.main) {
  const { moved, ...figures } = await measureBuilder();
  console.log(figures);
  console.table(moved);
}
