import type { Caller } from "./caller.ts";

/** How much longer something takes that is slow. */
export const slowMs = 6_000;

/** How long a request takes: most are fast, few take nearly as long as they may. */
export const waitOf = (caller: Caller | undefined, mostMs: number): number =>
  1 + mostMs * (caller?.chance.next() ?? 0) ** 3;
