import type { NetworkFaultKind, StoreFaultKind } from "./faults.ts";
import type { TargetName } from "./targets.ts";

/**
 * Faults that the service is known not to survive yet, each with the reason. A row ends as soon as the service does:
 * take it out, and what it held back is tried from then on.
 */
const knownFindings: readonly {
  reason: string;
  port: "store" | "network";
  kinds: readonly (StoreFaultKind | NetworkFaultKind)[];
  /** Of which requests. */
  at: RegExp;
}[] = [
  {
    reason:
      "A claim that fails behind the provider's 201 loses the account, and the event tells a failure. One that is made just before its call ends stays, without a link.",
    port: "store",
    kinds: ["refused", "reply-lost", "death-after"],
    at: /^claim /,
  },
];

export const isKnown = (
  port: "store" | "network",
  kind: StoreFaultKind | NetworkFaultKind,
  what: string,
): boolean =>
  knownFindings.some((known) => known.port === port && known.kinds.includes(kind) && known.at.test(what));

/** What the service is known to do wrong without a fault that could be left out: such problems are not told. */
const knownProblems: readonly { reason: string; at: RegExp }[] = [
  {
    reason:
      "An account that was claimed to be adopted stays claimed where its call ended before the adoption.",
    at: /claims what it is not linked to$/,
  },
  {
    reason:
      "Recovery settles an attempt with what it finds, also where the event that is there already tells otherwise.",
    at: /of an attempt, and its event does not$/,
  },
  {
    reason:
      "A group change that runs out of time does not name the events of the members that it provisioned by then.",
    at: /^the receipt of \S+ does not name its event user_/,
  },
];

export const withoutKnown = (problems: string[]): string[] =>
  problems.filter((problem) => !knownProblems.some(({ at }) => at.test(problem)));

/** Known: the leaver call finds the groups by the user's links. Groups whose call ended before it made the link keep the leaver. */
export const leaversStayWithoutLink = true;

/** Worlds in which the service is known to break a promise that no one fault brings about. */
const knownWorlds: readonly { reason: string; target: TargetName; seeds: readonly number[] }[] = [
  {
    reason:
      "A change that takes everybody out of a group was compared with what was pushed before another process had added a member, and notes its version after that: the member stays for good.",
    target: "late-writer",
    seeds: [86],
  },
  {
    reason:
      "Where deactivation destroys the account, recovery takes the missing account for a deprovision that did not happen, and the user for one who has it.",
    target: "pagerduty",
    seeds: [2177],
  },
  {
    reason:
      "A reauth asks for an account that is linked; where all were deleted by attempts that nobody could end without the secret, the right secret is taken for another tenant's.",
    target: "generic",
    seeds: [1079],
  },
  {
    reason:
      "What an attempt of unknown outcome sent to an account that it had just found is forgotten: cleared since, it stays there.",
    target: "flaky",
    seeds: [9030],
  },
];

export const isKnownWorld = (target: TargetName, seed: number): boolean =>
  knownWorlds.some((known) => known.target === target && known.seeds.includes(seed));
