import { type Automatic, type MessageFault, messageFaultKinds, type RunFaults } from "./automatic.ts";
import { type Chance, createChance, weighted } from "./chance.ts";
import { type Draft, edits } from "./drafts.ts";
import { withGuard } from "./draw-guard.ts";
import { networkFaultKinds, storeFaultKinds } from "./faults.ts";
import { beginning, someFaults, withoutUndefined } from "./make-plan.ts";
import { drawSwitches } from "./mixed.ts";
import { groupCount, userCount } from "./model.ts";
import { type Plan, type PlannedCall, processCount } from "./plan.ts";
import { type TargetName, targetOf } from "./targets.ts";

const mostRounds = 10;
const mostRuns = 60;

/** The plan of a seed in which most changes are of the directory alone, and the service carries them out by itself. */
export const makeAutomaticPlan = (target: TargetName, seed: number): Plan => {
  const chance = createChance(seed ^ 0x5eed);
  const switches = target === "mixed" && drawSwitches(chance.seed());
  const drawn = { target, ...(switches && { switches }) };
  const { groupsEnabled, faults } = targetOf(drawn);
  const policies = {
    onUserUnassigned: chance.pick(["deprovision", "delete", "none"] as const),
    onUserDeleted: chance.pick(["delete", "deprovision"] as const),
  };
  const trouble = chance.pick([0, 0.1, 0.3, 0.5]) * faults;
  const begin = beginning(chance, groupsEnabled);
  // In some worlds all is about few, who are changed again and again.
  const among = { users: chance.pick([userCount, userCount, 2]), groups: chance.pick([groupCount, 1]) };
  const rounds = Array.from({ length: 3 + chance.upTo(mostRounds - 2) }, () => {
    const calls = weighted(chance, [
      [6, 1],
      [3, 2],
      [2, 3],
    ]);
    return Array.from({ length: calls }, () => aCall(chance, aDraft(chance, groupsEnabled, among), trouble));
  });
  const automatic = aMess(chance, trouble);
  const plan = { ...drawn, policies, chance: chance.seed(), rounds: [...begin, ...rounds], automatic };
  return withGuard(plan, seed);
};

const aCall = (chance: Chance, what: Draft, trouble: number): PlannedCall => {
  const store = someFaults(chance, trouble * 0.7, { kinds: storeFaultKinds, most: 25 });
  const network = someFaults(chance, trouble * 0.7, { kinds: networkFaultKinds, most: 10 });
  return {
    what,
    process: chance.upTo(processCount),
    chance: chance.seed(),
    ...(store.length > 0 && { store }),
    ...(network.length > 0 && { network }),
  };
};

/** What goes wrong with the automatic work. */
const aMess = (chance: Chance, trouble: number): Automatic => {
  const messages = (): MessageFault[] =>
    some(chance, 30, trouble, (nth) => ({ nth, kind: chance.pick(messageFaultKinds) }));
  const runs = some(chance, mostRuns, trouble, (nth): RunFaults => {
    const store = someFaults(chance, 0.6, { kinds: storeFaultKinds, most: 40 });
    const network = someFaults(chance, 0.5, { kinds: networkFaultKinds, most: 15 });
    return { nth, ...(store.length > 0 && { store }), ...(network.length > 0 && { network }) };
  });
  const isPoisoned = trouble > 0 && chance.isTrue(0.2);
  return {
    chance: chance.seed(),
    slowness: chance.pick([1, 1, 8, 20]),
    records: messages(),
    wakeUps: messages(),
    runs: runs.filter(({ store, network }) => store || network),
    stops: some(chance, 20, trouble * 0.05, (nth) => ({ nth, seconds: chance.pick([60, 600, 3_600]) })),
    sweeps: some(chance, 40, trouble * 0.5, (nth) => ({
      nth,
      kind: chance.pick(["lost", "doubled"] as const),
    })),
    jumps: some(chance, mostRuns, trouble * 0.1, (nth) => ({ nth, ms: chance.upTo(8_000) - 4_000 })),
    ...(isPoisoned && {
      poison: { user: chance.upTo(userCount), kind: chance.pick(["refused", "throws"] as const) },
    }),
  };
};

const some = <T>(chance: Chance, most: number, probability: number, of: (nth: number) => T): T[] =>
  Array.from({ length: most }, (_, nth) => nth).flatMap((nth) =>
    chance.isTrue(Math.min(0.8, probability)) ? [of(nth)] : [],
  );

/** A manager whose account comes later makes nothing due: as long as that is so, nobody gets one here. */
const ownEdits = edits.filter((edit) => edit !== "manager");

/** As calls on demand, and changes of the directory alone. A changed mapping makes nothing due by itself. */
const aDraft = (chance: Chance, groupsEnabled: boolean, among: { users: number; groups: number }): Draft => {
  const user = () => chance.upTo(among.users);
  const group = () => chance.upTo(among.groups);
  const users = (): number[] => [...new Set(Array.from({ length: chance.upTo(4) }, user))];
  const variant = () => chance.pick(["a", "b"] as const);
  const ofUser = () => ({ user: user(), edit: chance.pick(ownEdits), n: chance.upTo(10) });
  const members = () => {
    const add = users();
    return { group: group(), add, remove: users().filter((one) => !add.includes(one)) };
  };
  const action = <T>(actions: readonly T[]) => (chance.isTrue(0.5) ? chance.pick(actions) : undefined);
  const ofGroups: [number, () => Draft][] = [
    [8, () => ({ do: "members", ...members() })],
    [2, () => ({ do: "rename", group: group(), variant: variant() })],
    [3, () => ({ do: "bind", group: group(), variant: variant(), members: users() })],
    [2, () => ({ do: "change", ...members() })],
    [1, () => withoutUndefined({ do: "unbind", group: group(), action: action(["delete"]) })],
  ];
  const make = weighted<() => Draft>(chance, [
    [6, () => ({ do: "save", ...ofUser() })],
    [6, () => ({ do: "patch", ...ofUser() })],
    [3, () => ({ do: "assign", ...ofUser() })],
    [2, () => withoutUndefined({ do: "unassign", user: user(), action: action(["deprovision", "delete"]) })],
    [2, () => ({ do: "leave", user: user() })],
    [2, () => ({ do: "gone", user: user() })],
    ...(groupsEnabled ? ofGroups : []),
    [0.3, () => ({ do: "rotate" })],
    [1, () => ({ do: "reauth", isRight: chance.isTrue(0.8) })],
    [4, () => ({ do: "pass", seconds: chance.pick([5, 45, 90, 600, 3_600, 14_400, 86_400]) })],
  ]);
  return make();
};
