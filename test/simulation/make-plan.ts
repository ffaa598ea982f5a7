import { type Chance, createChance, weighted } from "./chance.ts";
import { type Draft, edits } from "./drafts.ts";
import { type Fault, networkFaultKinds, storeFaultKinds } from "./faults.ts";
import { drawSwitches } from "./mixed.ts";
import { groupCount, userCount } from "./model.ts";
import { type Plan, type PlannedCall, processCount } from "./plan.ts";
import { type TargetName, targetOf } from "./targets.ts";

const mostRounds = 16;

/** The plan of a seed. */
export const makePlan = (target: TargetName, seed: number): Plan => {
  const chance = createChance(seed);
  const switches = target === "mixed" && drawSwitches(chance.seed());
  const drawn = { target, ...(switches && { switches }) };
  const { groupsEnabled, faults } = targetOf(drawn);
  const policies = {
    onUserUnassigned: chance.pick(["deprovision", "delete", "none"] as const),
    onUserDeleted: chance.pick(["delete", "deprovision"] as const),
  };
  // Some worlds are calm, in others much goes wrong.
  const trouble = chance.pick([0.1, 0.3, 0.3, 0.6]) * faults;
  const begin = beginning(chance, groupsEnabled);
  const rounds = Array.from({ length: 4 + chance.upTo(mostRounds - 3) }, () => {
    const calls = weighted(chance, [
      [6, 1],
      [3, 2],
      [1, 3],
    ]);
    const round = Array.from({ length: calls }, () => aCall(chance, groupsEnabled, trouble));
    // Time that is let pass would pass for the others too, in the midst of their requests.
    const passing = round.find(({ what }) => what.do === "pass");
    return passing ? [passing] : round;
  });
  return { ...drawn, policies, chance: chance.seed(), rounds: [...begin, ...rounds] };
};

/** Most worlds begin with a few users and a group at the provider, so that there is something to change. */
export const beginning = (chance: Chance, groupsEnabled: boolean): PlannedCall[][] => {
  if (chance.isTrue(0.2)) return [];
  const how = () => ({ process: chance.upTo(processCount), chance: chance.seed() });
  const users = [0, 1, 2, 3].filter(() => chance.isTrue(0.6));
  const assigned = users.map((user): PlannedCall[] => [{ what: { do: "assign", user }, ...how() }]);
  const group = chance.upTo(groupCount);
  const bound: PlannedCall = { what: { do: "bind", group, variant: "a", members: users }, ...how() };
  return [...assigned, ...(groupsEnabled ? [[bound]] : [])];
};

const aCall = (chance: Chance, groupsEnabled: boolean, trouble: number): PlannedCall => {
  const what = aDraft(chance, groupsEnabled);
  const store = someFaults(chance, trouble, { kinds: storeFaultKinds, most: 25 });
  const network = someFaults(chance, trouble, { kinds: networkFaultKinds, most: 10 });
  return {
    what,
    process: chance.upTo(processCount),
    chance: chance.seed(),
    ...(store.length > 0 && { store }),
    ...(network.length > 0 && { network }),
  };
};

/**
 * One request, or a time in which each goes wrong. Early requests more often than late ones, since most calls have few.
 */
export const someFaults = <K>(
  chance: Chance,
  probability: number,
  { kinds, most }: { kinds: readonly K[]; most: number },
): Fault<K>[] => {
  const faults: Fault<K>[] = [];
  while (faults.length < 4 && chance.isTrue(Math.min(0.8, probability)))
    faults.push({
      nth: Math.floor(most * chance.next() ** 1.5),
      ...(chance.isTrue(0.4) && { times: 2 + chance.upTo(5) }),
      kind: chance.pick(kinds),
    });
  return faults;
};

const aDraft = (chance: Chance, groupsEnabled: boolean): Draft => {
  const user = () => chance.upTo(userCount);
  const group = () => chance.upTo(groupCount);
  const users = (): number[] => {
    const count = chance.upTo(5);
    return [...new Set(Array.from({ length: count }, user))];
  };
  const some = <T>(probability: number, of: () => T): T | undefined =>
    chance.isTrue(probability) ? of() : undefined;

  const ofGroups: [number, () => Draft][] = [
    [
      5,
      () =>
        withoutUndefined({
          do: "bind",
          group: group(),
          variant: chance.pick(["a", "b"] as const),
          members: some(0.8, users),
        }),
    ],
    [
      5,
      () => {
        const add = users();
        return { do: "change", group: group(), add, remove: users().filter((one) => !add.includes(one)) };
      },
    ],
    [1, () => withoutUndefined({ do: "unbind", group: group(), action: some(0.5, () => "delete" as const) })],
  ];
  const make = weighted<() => Draft>(chance, [
    [
      8,
      () =>
        withoutUndefined({
          do: "assign",
          user: user(),
          edit: some(0.7, () => chance.pick(edits)),
          n: chance.upTo(10),
        }),
    ],
    [4, () => ({ do: "save", user: user(), edit: chance.pick(edits), n: chance.upTo(10) })],
    [
      3,
      () =>
        withoutUndefined({
          do: "unassign",
          user: user(),
          action: some(0.6, () => chance.pick(["deprovision", "delete"] as const)),
        }),
    ],
    [2, () => ({ do: "leave", user: user() })],
    ...(groupsEnabled ? ofGroups : []),
    [1, () => withoutUndefined({ do: "remap", title: some(0.5, () => "Fixed") })],
    [0.4, () => ({ do: "rotate" })],
    [1.5, () => ({ do: "reauth", isRight: chance.isTrue(0.8) })],
    [2, () => ({ do: "recover" })],
    [1, () => ({ do: "pass", seconds: chance.pick([45, 90, 86_400, 31 * 86_400]) })],
  ]);
  return make();
};

/** Plans are compared and printed: what is not there is not there. */
export const withoutUndefined = (draft: { [K in string]: unknown }): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as Draft;
