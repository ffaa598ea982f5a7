import type { Fault, NetworkFaultKind, StoreFault } from "./faults.ts";

/** What goes wrong with a record of the stream, or with a wake-up, the `nth` of the world. */
export const messageFaultKinds = ["lost", "doubled", "late"] as const;
export type MessageFault = { nth: number; kind: (typeof messageFaultKinds)[number] };

/** The `nth` run of a worker: a dispatch, a drain or a sweep. */
export type RunFaults = { nth: number; store?: StoreFault[]; network?: Fault<NetworkFaultKind>[] };

/** The automatic work of one world, as data: all that goes wrong with it. */
export type Automatic = {
  /** Seed of how long messages and requests take. */
  chance: number;
  /** The stores are so many times slower, so that more comes between two requests. */
  slowness: number;
  records: MessageFault[];
  wakeUps: MessageFault[];
  runs: RunFaults[];
  /** From that record on the stream hands nothing over for so long. */
  stops: { nth: number; seconds: number }[];
  /** Minutes whose sweep does not take place, or takes place twice at once. */
  sweeps: { nth: number; kind: "lost" | "doubled" }[];
  /** At that run the clock of its process jumps by so much. */
  jumps: { nth: number; ms: number }[];
  /** One object that cannot be dealt with until the faults stop. */
  poison?: { user: number; kind: "refused" | "throws" };
};
