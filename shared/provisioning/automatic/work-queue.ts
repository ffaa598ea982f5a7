import type { Integration } from "../../model/integration.ts";
import type { Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";
import { dueWork } from "./due-work.ts";

const pageSize = 50;
/** How often it is looked whether somebody's access has to end meanwhile. */
const urgentEachMs = 150;
/** How often it is looked at most, by all lanes together, where no page was full. */
const anyEachMs = 20;

export type WorkQueue = {
  /** The next object: whose access ends goes first. Undefined where nothing is due that is not in hand. */
  take(lane: "urgent" | "any"): Promise<WorkRef | undefined>;
  done(ref: WorkRef): void;
  /** Looks at the index now: whether there is anything that was not taken yet. */
  isAnythingNew(): Promise<boolean>;
};

/** What is due at the integration, as it was read last, for the lanes of one worker: read page by page, nothing twice at a time. */
export const openWorkQueue = (ports: Ports, latest: () => Integration): WorkQueue => {
  const inHand = new Set<string>();
  /** The index may still show a mark that was dealt with: that very mark is not taken again. */
  const seen = new Set<string>();
  const queues: Record<0 | 1, WorkRef[]> = { 0: [], 1: [] };
  const lookedAt = { 0: 0, 1: 0 };
  const isMore = { 0: false, 1: false };
  const looking: Partial<Record<0 | 1, Promise<void>>> = {};

  const look = (urgency: 0 | 1): Promise<void> => {
    const read = async () => {
      lookedAt[urgency] = ports.clock.now();
      // What was dealt with already may fill a page, and more is behind it.
      for (let limit = pageSize; ; limit *= 2) {
        const found = await dueWork(ports, latest(), { urgency, limit });
        const fresh = found.filter((ref) => !inHand.has(nameOf(ref)) && !seen.has(markOf(ref)));
        queues[urgency] = inSomeOrder(ports, fresh);
        isMore[urgency] = found.length >= limit;
        if (fresh.length > 0 || !isMore[urgency]) return;
      }
    };
    looking[urgency] ??= read().finally(() => {
      delete looking[urgency];
    });
    return looking[urgency];
  };

  const next = (urgency: 0 | 1): WorkRef | undefined => {
    for (;;) {
      const ref = queues[urgency].shift();
      if (!ref) return undefined;
      if (inHand.has(nameOf(ref)) || seen.has(markOf(ref))) continue;
      inHand.add(nameOf(ref));
      seen.add(markOf(ref));
      return ref;
    }
  };

  const take = async (urgency: 0 | 1, maxAgeMs: number): Promise<WorkRef | undefined> => {
    const isOld = isMore[urgency] || ports.clock.now() - lookedAt[urgency] >= maxAgeMs;
    // A look that is under way is waited for.
    if (queues[urgency].length === 0 && (isOld || looking[urgency])) await look(urgency);
    return next(urgency);
  };

  return {
    async take(lane) {
      const urgent = await take(0, urgentEachMs);
      return urgent ?? (lane === "any" ? take(1, anyEachMs) : undefined);
    },
    done: (ref) => void inHand.delete(nameOf(ref)),
    async isAnythingNew() {
      await Promise.all([look(0), look(1)]);
      return queues[0].length + queues[1].length > 0;
    },
  };
};

/** Workers that look at the same time do not wait for each other at one object after another. */
const inSomeOrder = <T>({ random }: Ports, items: T[]): T[] =>
  items
    .map((item) => ({ item, turn: random() }))
    .toSorted((one, other) => one.turn - other.turn)
    .map(({ item }) => item);

const nameOf = ({ kind, key }: WorkRef): string => `${kind} ${key.id}`;
const markOf = (ref: WorkRef): string => `${nameOf(ref)} ${ref.at} ${ref.setAt}`;
