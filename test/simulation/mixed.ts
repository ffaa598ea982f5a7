import type { Switches } from "../providers/quirky/switches.ts";
import { createChance } from "./chance.ts";
import { isHeldBack } from "./known.ts";
import { type Drawn, switchRows } from "./switch-rows.ts";
import { quirky, type Row, type Target } from "./target.ts";

type Name = keyof Switches;

/** The row of a switch that is drawn. What fits this switch fits its own values alone. */
const drawnRow = (name: Name): Drawn<unknown> | undefined => {
  const row = switchRows[name];
  return "values" in row ? (row as Drawn<unknown>) : undefined;
};

const excludes = (one: Name, other: Name): boolean =>
  [drawnRow(one)?.excludes, drawnRow(other)?.excludes].some(
    (list, at) => list?.includes(at === 0 ? other : one) === true,
  );

/** How likely a switch is on: a handful of them in a world. */
const probability = 0.06;

/**
 * Some switches of a provider, of those that may be on together. Each switch has a chance of its own: a new one changes
 * the worlds alone that draw it.
 */
export const drawSwitches = (seed: number): Switches => {
  const drawn = (Object.keys(switchRows) as Name[]).flatMap((name) => {
    const row = drawnRow(name);
    const chance = createChance(seed + hashOf(name));
    const rank = chance.next();
    return row && rank < probability ? [{ name, needs: row.needs, rank }] : [];
  });
  const names: Name[] = [];
  for (const { name, needs } of drawn.sort((one, other) => one.rank - other.rank)) {
    const next = needs ? [needs, name] : [name];
    const fits = next.every((one) => !names.some((other) => excludes(one, other) || isHeldBack(one, other)));
    if (fits) names.push(...next);
  }
  const pickValue = (name: Name) => createChance(seed - hashOf(name)).pick(drawnRow(name)?.values ?? []);
  return Object.fromEntries([...new Set(names)].map((name) => [name, pickValue(name)])) as Switches;
};

const hashOf = (name: string): number =>
  [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);

/** A provider with these switches, with all that each of them asks of the integration and of our promises. */
export const mixedTarget = (switches: Switches): Target => {
  const rows = Object.entries(switches).map(([name, value]): Row => {
    const {
      values: _,
      excludes: __,
      needs: ___,
      concedes,
      ...row
    } = drawnRow(name as Name) ?? { values: [] };
    return { ...row, ...concedes?.(value) };
  });
  const overrides = Object.assign({}, ...rows.map((row) => row.overrides));
  return quirky(switches, { ...Object.assign({}, ...rows), overrides });
};
