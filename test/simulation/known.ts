import type { Switches } from "../providers/quirky/switches.ts";
import type { NetworkFaultKind, StoreFaultKind } from "./faults.ts";

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
}[] = [];

export const isKnown = (
  port: "store" | "network",
  kind: StoreFaultKind | NetworkFaultKind,
  what: string,
): boolean =>
  knownFindings.some((known) => known.port === port && known.kinds.includes(kind) && known.at.test(what));

/** What the service is known to do wrong without a fault that could be left out: such problems are not told. */
const knownProblems: readonly { reason: string; at: RegExp }[] = [];

export const withoutKnown = (problems: string[]): string[] =>
  problems.filter((problem) => !knownProblems.some(({ at }) => at.test(problem)));

/** Switches that are not drawn together with any of `others`: the service is known to break a promise then. */
const knownMixes: readonly { reason: string; one: keyof Switches; others: readonly (keyof Switches)[] }[] =
  [];

export const isHeldBack = (one: keyof Switches, other: keyof Switches): boolean =>
  knownMixes.some(
    (known) =>
      (known.one === one && known.others.includes(other)) ||
      (known.one === other && known.others.includes(one)),
  );
