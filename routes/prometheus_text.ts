/**
 * Reads the text that a `metrics.collector` writes for Prometheus.
 *
 * @module
 */

/** One metric with its series. */
export interface Family {
  readonly name: string;
  readonly kind: string;
  readonly samples: readonly Sample[];
}

/** One number. The parts of a histogram differ in the end of `name`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The families, in the order of the text. Lines that say nothing are skipped. */
export function readMetrics(text: string): readonly Family[] {
  const families: { name: string; kind: string; samples: Sample[] }[] = [];
  for (const line of text.split("\n")) {
    const [, name, kind] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined && kind !== undefined) {
      families.push({ name, kind, samples: [] });
      continue;
    }
    const sample = sampleOf(line);
    if (sample !== undefined) families.at(-1)?.samples.push(sample);
  }
  return families;
}

function sampleOf(line: string): Sample | undefined {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return {
    name,
    labels: Object.fromEntries(
      Array.from(labels.matchAll(LABEL), ([, key = "", text = ""]) => [
        key,
        text.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char),
      ]),
    ),
    value: value === "+Inf" ? Infinity : Number(value),
  };
}
