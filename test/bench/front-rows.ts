import { median, ms, percentile, times } from "./figures.ts";
import type { Figures } from "./front-measure.ts";

const perAct = ({ acts }: Figures, value: number): number => value / acts;
const rate = ({ acts, ms }: Figures): number => (acts * 1000) / ms;
const cpu = (figures: Figures): number => perAct(figures, figures.cpuMs);
const disk = (figures: Figures): number | undefined =>
  figures.writtenBytes === undefined ? undefined : perAct(figures, figures.writtenBytes) / 1000;
const rateText = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
const p99 = ({ latencies }: Figures): number => percentile(latencies, 0.99);
const p50 = ({ latencies }: Figures): number => median(latencies);

export const bareHeading = ["acts/s", "p50 ms", "p99 ms", "CPU ms", "disk KB", "bare loop acts/s", "of it"];

/** The figures of this checkout beside those of the bare loop, which has nothing to send where nothing changes. */
export const bareCells = (own: Figures, bareMs: number | undefined): string[] => {
  const bare = bareMs === undefined ? undefined : (own.acts * 1000) / bareMs;
  return [
    rateText(rate(own)),
    ms(p50(own)),
    ms(p99(own)),
    cpu(own).toFixed(2),
    disk(own)?.toFixed(0) ?? "?",
    bare === undefined ? "no request" : rateText(bare),
    bare === undefined ? "" : times(rate(own) / bare),
  ];
};

export const pairHeading = [
  ["acts/s A", "B", "A/B"],
  ["p50 ms A", "B", "A/B"],
  ["p99 ms A", "B", "A/B"],
  ["CPU ms A", "B", "A/B"],
  ["disk KB A", "B", "A/B"],
].flat();

/** Each figure of A and of B, and A's in terms of B's. */
export const pairCells = (a: Figures, b: Figures): string[] => {
  const pair = (of: (figures: Figures) => number | undefined, text: (value: number) => string): string[] => {
    const [left, right] = [of(a), of(b)];
    if (left === undefined || right === undefined) return ["?", "?", ""];
    return [text(left), text(right), right > 0 ? times(left / right) : ""];
  };
  return [
    pair(rate, rateText),
    pair(p50, ms),
    pair(p99, ms),
    pair(cpu, (value) => value.toFixed(2)),
    pair(disk, (value) => value.toFixed(0)),
  ].flat();
};
