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

const settled = ["act", "delay ms", "callers"];
type Setting = { delay: number; callers: number };
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
  const { users, delays, callers, turns } = options;
  await measureStarts(roots, turns);
  const sides: Side[] = [];
  for (const { name, root } of roots) sides.push(await startSide(name, root));
  console.log(`a directory of ${users} users, written past the front; ${turns} turns\n`);
  const settings = delays.flatMap((delay) => callers.map((many): Setting => ({ delay, callers: many })));
  const few = settings.filter((setting) => setting.callers === callers[0]);
  await printActs(sides, userActs(options), settings, turns);
  // Afterwards, since the directory of users may be smaller than a group. Each caller has a group of its own.
  await printActs(sides, groupActs(options), few, turns);
  const peaks: number[] = [];
  for (const side of sides) peaks.push(await side.close());
  const [a = 0, b] = peaks;
  const beside = b === undefined ? "" : ` beside ${mebibytes(b)} (${times(a / b)})`;
  console.log(`peak memory of all this: ${mebibytes(a)}${beside}`);
};

/** The table of these acts, and below it where their processor time goes in the first setting. */
const printActs = async (sides: Side[], acts: Act[], settings: Setting[], turns: number): Promise<void> => {
  const rows: string[][] = [];
  const profiles: string[][] = [];
  for (const setting of settings) {
    for (const act of acts) {
      rows.push(...(await rowsOf(sides, act, setting, (callers) => measureRow(sides, act, callers, turns))));
    }
  }
  const [first] = settings;
  for (const act of acts) {
    if (first === undefined) break;
    profiles.push(...(await rowsOf(sides, act, first, (callers) => profile(sides, act, callers))));
  }
  const columns = sides.length > 1 ? pairHeading : bareHeading;
  printTable([...settled, ...columns], rows);
  console.log("processor ms an act by part, by the shares of a CPU profile, which itself costs some:");
  printTable([...settled, ...(sides.length > 1 ? ["side"] : []), ...parts, "together"], profiles);
};

type Measure = (callers: number) => Promise<string[][]>;

/** Rows of an act, its sides made ready before. What one side cannot do in time shall not cost the other rows. */
const rowsOf = async (sides: Side[], act: Act, { delay, callers }: Setting, measured: Measure) => {
  const most = Math.min(callers, act.callers ?? callers);
  for (const side of sides) {
    await side.fill(act.needs);
    await side.setDelay(delay);
  }
  try {
    return (await measured(most)).map((cells) => [act.name, String(delay), String(most), ...cells]);
  } catch (error) {
    console.log(`no row for "${act.name}", delay ${delay} ms, ${most} callers: ${error}`);
    return [];
  }
};

/** All turns of an act, on both sides or beside the bare loop. */
const measureRow = async (sides: Side[], act: Act, callers: number, turns: number): Promise<string[][]> => {
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
  return [b === undefined ? bareCells(of(a), bareMs) : pairCells(of(a), of(b))];
};

/**
 * Where the processor time of an act goes, from a turn more: a profile counts by the clock, which goes on while others
 * have the processor, so only its shares are taken.
 */
const profile = async (sides: Side[], act: Act, callers: number): Promise<string[][]> => {
  const rows: string[][] = [];
  for (const [at, side] of sides.entries()) {
    await side.run.ask("startProfile");
    const { cpuMs } = await measure(side, act, callers);
    const time = await side.run.ask<TimeByPart>("stopProfile");
    const whole = parts.reduce((sum, part) => sum + time[part], 0);
    const cells = [...parts.map((part) => time[part] / whole), 1].map((share) =>
      ((share * cpuMs) / act.count).toFixed(2),
    );
    rows.push([...(sides.length > 1 ? ["AB"[at] ?? ""] : []), ...cells]);
  }
  return rows;
};
