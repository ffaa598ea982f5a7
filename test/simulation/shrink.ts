import type { Automatic } from "./automatic.ts";
import type { NetworkFault, StoreFault } from "./faults.ts";
import type { Plan, PlannedCall } from "./plan.ts";

/** A smaller plan that still fails in the same way: fewer rounds, switches, calls, faults and members. */
export const shrink = async (
  plan: Plan,
  fails: (smaller: Plan) => Promise<boolean>,
  mostTries = 600,
): Promise<Plan> => {
  let best = plan;
  let tries = 0;
  const attempt = async (smaller: Plan): Promise<boolean> => {
    tries += 1;
    if (tries > mostTries || !(await fails(smaller))) return false;
    best = smaller;
    return true;
  };
  for (let before: Plan | undefined; before !== best && tries < mostTries; ) {
    before = best;
    await dropRounds(() => best, attempt);
    if (best.automatic) await attempt({ ...best, automatic: withoutMess(best.automatic) });
    for (const change of [dropSwitch, dropMess, dropCall, dropFault, shortenFault, dropMember]) {
      let at = 0;
      for (let next = change(best, at); next; next = change(best, at)) if (!(await attempt(next))) at += 1;
    }
  }
  return best;
};

/** Many at once as long as that goes, then one by one, the last first. */
const dropRounds = async (best: () => Plan, attempt: (plan: Plan) => Promise<boolean>): Promise<void> => {
  for (let size = Math.ceil(best().rounds.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let end = best().rounds.length; end > 0; end -= size) {
      const { rounds } = best();
      await attempt({ ...best(), rounds: rounds.toSpliced(Math.max(0, end - size), Math.min(size, end)) });
    }
  }
};

/** The plan without its `at`th of something; undefined where there are not so many. */
type Smaller = (plan: Plan, at: number) => Plan | undefined;

const dropSwitch: Smaller = ({ switches, ...plan }, at) => {
  const left = Object.entries(switches ?? {});
  return at < left.length ? { ...plan, switches: Object.fromEntries(left.toSpliced(at, 1)) } : undefined;
};

const messes = ["records", "wakeUps", "runs", "stops", "sweeps", "jumps"] as const;

const withoutMess = ({ chance, slowness }: Automatic): Automatic => ({
  chance,
  slowness,
  records: [],
  wakeUps: [],
  runs: [],
  stops: [],
  sweeps: [],
  jumps: [],
});

/** One thing fewer that goes wrong with the automatic work. */
const dropMess: Smaller = (plan, at) => {
  const { automatic } = plan;
  if (!automatic) return undefined;
  const places = messes.flatMap((name) => automatic[name].map((_, nth) => ({ name, nth })));
  const place = places[at];
  if (place) {
    const left = automatic[place.name].filter((_, nth) => nth !== place.nth);
    return { ...plan, automatic: { ...automatic, [place.name]: left } };
  }
  const { poison, ...rest } = automatic;
  return poison && at === places.length ? { ...plan, automatic: rest } : undefined;
};

const dropCall: Smaller = (plan, at) => {
  const places = plan.rounds.flatMap((round, nth) =>
    round.length > 1 ? round.map((_, call) => [nth, call] as const) : [],
  );
  const place = places[at];
  return place && withRound(plan, place[0], (round) => round.toSpliced(place[1], 1));
};

const dropFault: Smaller = (plan, at) => {
  const place = faultsOf(plan)[at];
  return place && withFaults(plan, place, (faults) => faults.toSpliced(place.nth, 1));
};

/** A fault at one request alone. */
const shortenFault: Smaller = (plan, at) => {
  const place = faultsOf(plan).filter(({ times }) => times !== undefined)[at];
  return (
    place &&
    withFaults(plan, place, (faults) =>
      faults.map(({ times, ...fault }, nth) =>
        nth === place.nth || times === undefined ? fault : { ...fault, times },
      ),
    )
  );
};

/** One user fewer in a list of members. */
const dropMember: Smaller = (plan, at) => {
  const places = callsOf(plan).flatMap(({ round, call, planned }) =>
    Object.entries(planned.what).flatMap(([list, value]) =>
      Array.isArray(value) ? value.map((_, nth) => ({ round, call, list, nth })) : [],
    ),
  );
  const place = places[at];
  return (
    place &&
    withCall(plan, place, (planned) => {
      const lists = planned.what as unknown as { [list: string]: number[] };
      const what = { ...lists, [place.list]: (lists[place.list] ?? []).toSpliced(place.nth, 1) };
      return { ...planned, what: what as unknown as PlannedCall["what"] };
    })
  );
};

const callsOf = ({ rounds }: Plan) =>
  rounds.flatMap((calls, round) => calls.map((planned, call) => ({ round, call, planned })));

type Place = { round: number; call: number; port: "store" | "network"; nth: number };
type AnyFault = StoreFault | NetworkFault;

const faultsOf = (plan: Plan): (Place & { times?: number | undefined })[] =>
  callsOf(plan).flatMap(({ round, call, planned }) =>
    (["store", "network"] as const).flatMap((port) =>
      (planned[port] ?? []).map(({ times }, nth) => ({ round, call, port, nth, times })),
    ),
  );

const withFaults = (plan: Plan, place: Place, change: (faults: AnyFault[]) => AnyFault[]): Plan =>
  withCall(plan, place, (planned) => {
    const { [place.port]: faults = [], ...rest } = planned;
    const left = change(faults);
    return { ...rest, ...(left.length > 0 && { [place.port]: left }) } as PlannedCall;
  });

const withRound = (plan: Plan, at: number, change: (round: PlannedCall[]) => PlannedCall[]): Plan => ({
  ...plan,
  rounds: plan.rounds.map((round, nth) => (nth === at ? change(round) : round)),
});

const withCall = (
  plan: Plan,
  { round, call }: { round: number; call: number },
  change: (planned: PlannedCall) => PlannedCall,
): Plan =>
  withRound(plan, round, (calls) => calls.map((planned, nth) => (nth === call ? change(planned) : planned)));
