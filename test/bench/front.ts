import { fileURLToPath } from "node:url";
import { mebibytes, printTable, times } from "./figures.ts";
import { type Act, groupActs, userActs } from "./front-acts.ts";
import { checkOut } from "./front-checkout.ts";
import { type Figures, measure, replay, together } from "./front-measure.ts";
import type { FrontOptions } from "./front-options.ts";
import { parts, type TimeByPart } from "./front-parts.ts";
import { bareCells, bareHeading, pairCells, pairHeading } from "./front-rows.ts";
import { type Side, startSide } from "./front-side.ts";
import { measureStarts } from "./front-starts.ts";

type Root = { name: string; root: string };
const own: Root = { name: "this checkout", root: fileURLToPath(new URL("../..", import.meta.url)) };

/**
 * The embedded run as its callers meet it: through the HTTP front, against a provider of some delay. Beside each figure
 * is that of the bare loop, or of the other commit: the sides take turns at each row, A B A B, so that a busy machine
 * slows both.
 */
export const front = async (options: FrontOptions): Promise<void> => {
  if (options.against === undefined) return await compare([own], options);
  const other = await checkOut(options.against, own.root);
  try {
    console.log(`A is this checkout, B is ${other.name}\n`);
    await compare([own, other], options);
  } finally {
    other.remove();
  }
};

const compare = async (roots: Root[], options: FrontOptions): Promise<void> => {
  await measureStarts(roots, options.turns);
  const sides: Side[] = [];
  for (const { name, root } of roots) sides.push(await startSide(name, root));
  const rows: string[][] = [];
  const profiles: string[][] = [];
  const row = async (act: Act, delay: number, wanted: number): Promise<void> => {
    const callers = Math.min(wanted, act.callers ?? wanted);
    for (const side of sides) {
      await side.fill(act.needs);
      await side.setDelay(delay);
    }
    rows.push([act.name, String(delay), String(callers), ...(await cellsOf(sides, act, callers, options))]);
  };
  const [quick = 0] = options.delays;
  const [few = 1, ...more] = options.callers;
  for (const delay of options.delays) {
    for (const callers of [few, ...more]) {
      for (const act of userActs(options)) await row(act, delay, callers);
    }
  }
  for (const act of userActs(options)) profiles.push(...(await profile(sides, act, few)));
  // After the rows of users, since their directory may be smaller than the groups.
  for (const delay of options.delays) for (const act of groupActs(options)) await row(act, delay, few);
  for (const side of sides) await side.setDelay(quick);
  for (const act of groupActs(options)) profiles.push(...(await profile(sides, act, few)));

  console.log(`a directory of ${options.users} users (written past the front), ${options.turns} turns\n`);
  const columns = sides.length > 1 ? pairHeading : bareHeading;
  printTable(["act", "delay ms", "callers", ...columns], rows);
  console.log("processor ms an act, by part, without delay, from a CPU profile, which itself costs some:");
  printTable(["act", ...(sides.length > 1 ? ["side"] : []), ...parts, "main thread"], profiles);
  const peaks: number[] = [];
  for (const side of sides) peaks.push(await side.close());
  const [a = 0, b] = peaks;
  const beside = b === undefined ? "" : ` beside ${mebibytes(b)} (${times(a / b)})`;
  console.log(`peak memory of all this: ${mebibytes(a)}${beside}`);
};

/** One row: all turns of an act, on both sides or beside the bare loop. */
const cellsOf = async (sides: Side[], act: Act, callers: number, { turns }: FrontOptions) => {
  const [a, b] = sides as [Side, Side?];
  const figures = new Map(sides.map((side) => [side, [] as Figures[]]));
  let bareMs: number | undefined;
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of sides) {
      if (b === undefined) await side.record();
      figures.get(side)?.push(await measure(side, act, callers));
    }
    if (b !== undefined) continue;
    const requests = await a.recorded();
    if (requests.length > 0) bareMs = (bareMs ?? 0) + (await replay(a.origin, requests, callers));
  }
  const of = (side: Side): Figures => together(figures.get(side) ?? []);
  return b === undefined ? bareCells(of(a), bareMs) : pairCells(of(a), of(b));
};

/** Where the processor time of an act goes: a turn more, which is not measured by the clock. */
const profile = async (sides: Side[], act: Act, wanted: number): Promise<string[][]> => {
  const rows: string[][] = [];
  for (const [at, side] of sides.entries()) {
    await side.fill(act.needs);
    await side.run.ask("startProfile");
    await measure(side, act, Math.min(wanted, act.callers ?? wanted));
    const time = await side.run.ask<TimeByPart>("stopProfile");
    const cells = parts.map((part) => (time[part] / act.count).toFixed(2));
    const sum = parts.reduce((total, part) => total + time[part], 0) / act.count;
    rows.push([act.name, ...(sides.length > 1 ? ["AB"[at] ?? ""] : []), ...cells, sum.toFixed(2)]);
  }
  return rows;
};
