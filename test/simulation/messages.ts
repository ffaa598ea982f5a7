import type { Automatic, MessageFault } from "./automatic.ts";
import type { Chance } from "./chance.ts";
import type { Owner } from "./scheduler.ts";
import type { World } from "./world.ts";

const nobody: Owner = { name: "nobody", isAlive: true };
/** Most messages come within so many milliseconds, and overtake each other in them. */
const usualMs = 600;
const lateMs = 90_000;

type Handing<T> = Partial<Pick<Automatic, "stops">> & {
  faults: MessageFault[];
  hand(message: T): Promise<void>;
};

/** A stream or a queue: what is sent comes later, in another order, twice, or never. */
export const createMessages = <T>(world: World, chance: Chance, { faults, stops = [], hand }: Handing<T>) => {
  const { scheduler } = world;
  let count = -1;
  let stoppedUntil = 0;
  const deliver = (message: T, ms: number) => {
    const waits = world.isCalm ? 0 : stoppedUntil - scheduler.now();
    scheduler.after(Math.max(0, waits) + ms, nobody, () => void hand(message));
  };
  return {
    send(message: T): void {
      count += 1;
      const nth = count;
      const kind = world.isCalm ? undefined : faults.find((one) => one.nth === nth)?.kind;
      const stop = stops.find((one) => one.nth === nth);
      if (stop && !world.isCalm) {
        stoppedUntil = scheduler.now() + stop.seconds * 1000;
        world.met.push(`the stream stops for ${stop.seconds} s`);
      }
      if (kind) world.met.push(`message ${nth} ${JSON.stringify(message)}: ${kind}`);
      if (kind === "lost") return;
      deliver(message, usualMs * chance.next() + (kind === "late" ? lateMs * chance.next() : 0));
      if (kind === "doubled") deliver(message, usualMs * chance.next());
    },
  };
};
