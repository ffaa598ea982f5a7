import type { Switches } from "../providers/quirky/switches.ts";
import type { Chance } from "./chance.ts";
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

const drawable = (Object.keys(switchRows) as Name[]).filter((name) => drawnRow(name) !== undefined);

/** Some switches of a provider, of those that may be on together. */
export const drawSwitches = (chance: Chance): Switches => {
  const count = 1 + chance.upTo(8);
  const names: Name[] = [];
  for (let tries = 0; names.length < count && tries < 50; tries += 1) {
    const name = chance.pick(drawable);
    const needed = drawnRow(name)?.needs;
    const next = needed ? [needed, name] : [name];
    if (next.every((one) => !names.some((other) => excludes(one, other)))) names.push(...next);
  }
  const entries = [...new Set(names)].map((name) => [name, chance.pick(drawnRow(name)?.values ?? [])]);
  return Object.fromEntries(entries) as Switches;
};

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
