import { expect, test } from "vitest";
import type { Automatic } from "./automatic.ts";
import type { Draft } from "./drafts.ts";
import type { Plan } from "./plan.ts";
import { simulate } from "./simulate.ts";

/** A change of the directory that no call carries out, with the calls that it needs before. */
const changes: [name: string, before: Draft[], change: Draft][] = [
  ["an attribute", [{ do: "assign", user: 3 }], { do: "save", user: 3, edit: "name", n: 1 }],
  ["a suspension", [{ do: "assign", user: 3 }], { do: "patch", user: 3, edit: "suspend" }],
  [
    "members",
    [{ do: "bind", group: 0, variant: "a", members: [2, 3] }],
    { do: "members", group: 0, add: [4], remove: [2] },
  ],
  [
    "a group's name",
    [{ do: "bind", group: 0, variant: "a", members: [3] }],
    { do: "rename", group: 0, variant: "b" },
  ],
];

const calm: Automatic = {
  chance: 3,
  slowness: 1,
  records: [],
  wakeUps: [],
  runs: [],
  stops: [],
  sweeps: [],
  jumps: [],
};

const planOf = (before: Draft[], change: Draft, automatic: Partial<Automatic> = {}): Plan => ({
  target: "generic",
  policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
  chance: 1,
  rounds: [...before, change, { do: "pass" as const, seconds: 5 }].map((what, at) => [
    { what, process: 0, chance: at },
  ]),
  automatic: { ...calm, ...automatic },
});

/** The runs of workers where nothing goes wrong, each with its requests of stores and of the provider. */
const runsOf = (trace: string[]): { store: number; network: number }[] => {
  const runs: { store: number; network: number }[] = [];
  for (const line of trace) {
    const [, nth, request] = / w(\d+)-\w+ (.*)/.exec(line) ?? [];
    if (nth === undefined || !/: /.test(request ?? "")) continue;
    const run = runs[Number(nth)] ?? { store: 0, network: 0 };
    runs[Number(nth)] = run;
    run[/^(GET|POST|PUT|PATCH|DELETE) \//.test(request ?? "") ? "network" : "store"] += 1;
  }
  return runs;
};

test.each(changes)(
  "a change of %s comes to the provider by itself, whichever request a worker dies after",
  { timeout: 120_000 },
  async (_, before, change) => {
    const whole = await simulate(planOf(before, change));
    expect(whole.problems).toEqual([]);
    const runs = runsOf(whole.trace);
    expect(runs.length).toBeGreaterThan(1);
    for (const [nth, run] of runs.entries())
      for (const port of ["store", "network"] as const)
        for (let at = 0; at < (run?.[port] ?? 0); at += 1) {
          const fault = { nth, [port]: [{ nth: at, kind: "death-after" }] };
          const { problems } = await simulate(planOf(before, change, { runs: [fault] }));
          expect(problems, `request ${at} of a ${port} in run ${nth}`).toEqual([]);
        }
  },
);

test.each(changes)(
  "a change of %s comes to the provider by itself, though every record, or every wake-up, is lost",
  async (_, before, change) => {
    const lost = Array.from({ length: 30 }, (_, nth) => ({ nth, kind: "lost" as const }));
    for (const automatic of [{ records: lost }, { wakeUps: lost }, { records: lost, wakeUps: lost }]) {
      const plan = planOf(before, change, automatic);
      const { problems } = await simulate({ ...plan, rounds: plan.rounds.slice(0, -1) });
      expect(problems).toEqual([]);
    }
  },
);
