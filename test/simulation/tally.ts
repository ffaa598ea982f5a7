import type { Report } from "./run.ts";

/** What a run has tried so far, and what it found. */
type Tally = {
  note(report: Report): void;
  /** How far it is, in one line for a log. */
  line(minute: number, ofMinutes: number): string;
  /** A line for each provider, and one for all. */
  summary(): string[];
};

export const createTally = (names: readonly string[]): Tally => {
  const rows = new Map(names.map((name) => [name, { worlds: 0, seeds: [] as number[] }]));
  let last = 0;
  const total = () => {
    const all = [...rows.values()];
    const worlds = all.reduce((sum, row) => sum + row.worlds, 0);
    const findings = all.reduce((sum, { seeds }) => sum + seeds.length, 0);
    return `${worlds} worlds, ${findings === 0 ? "no promise broken" : `${findings} findings`}`;
  };
  return {
    note({ name, seed, failure }) {
      const row = rows.get(name);
      if (!row) throw new Error(`${name} is not tried`);
      row.worlds += 1;
      last = Math.max(last, seed);
      if (failure !== undefined) row.seeds.push(seed);
    },
    line: (minute, ofMinutes) => `minute ${minute} of ${ofMinutes}: ${total()}, up to seed ${last}`,
    summary: () => [
      ...[...rows].map(([name, { worlds, seeds }]) => {
        const found = seeds.length === 0 ? "" : `, at seeds ${seeds.join(", ")}`;
        return `${name}: ${worlds} worlds, ${seeds.length} findings${found}`;
      }),
      `all: ${total()}, up to seed ${last}`,
    ],
  };
};
