/** All chance of one simulation comes from here: the same seed gives the same numbers. */
export type Chance = {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  upTo(below: number): number;
  isTrue(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Further numbers that neither depend on these nor change them. */
  seed(): number;
};

/** SplitMix32. */
export const createChance = (seed: number): Chance => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const upTo = (below: number): number => Math.floor(next() * below);
  return {
    next,
    upTo,
    isTrue: (probability) => next() < probability,
    pick: (list) => list[upTo(list.length)] as (typeof list)[number],
    seed: () => upTo(2 ** 32),
  };
};

/** One of these, each as likely as its weight says. */
export const weighted = <T>(
  chance: Chance,
  choices: readonly (readonly [weight: number, choice: T])[],
): T => {
  let at = chance.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, choice] of choices) {
    at -= weight;
    if (at < 0) return choice;
  }
  return (choices.at(-1) as readonly [number, T])[1];
};

/** A version 7 UUID of this moment, all else by chance. */
export const seededUuid = (chance: Chance, nowMs: number): string => {
  const digits = (count: number) =>
    Array.from({ length: count }, () => chance.upTo(16).toString(16)).join("");
  const time = nowMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-a${digits(3)}-${digits(12)}`;
};
