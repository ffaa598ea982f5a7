import { allPages } from "../../common/all-pages.ts";
import { Failure } from "../../model/failure.ts";
import type { HeldItem, Hold, HoldState } from "../../model/hold.ts";
import type { HoldKey } from "../ports/hold-store.ts";
import type { Ports } from "../ports/ports.ts";

const maxTries = 50;

export const allItems = ({ holds }: Pick<Ports, "holds">, key: HoldKey): AsyncGenerator<HeldItem[]> =>
  allPages((page) => holds.items(key, page), 500);

/** How a hold stands by what is in it. */
export const tally = async (ports: Ports, key: HoldKey): Promise<{ state: HoldState; count: number }> => {
  const people = { held: new Set<string>(), approved: new Set<string>(), rejected: new Set<string>() };
  for await (const items of allItems(ports, key))
    for (const { state, userId } of items) people[state].add(userId);
  const { held, approved, rejected } = people;
  if (held.size > 0) return { state: "open", count: held.size };
  const decided = rejected.size > 0 ? "rejected" : "approved";
  const count = new Set([...approved, ...rejected]).size;
  return { state: count > 0 ? decided : "emptied", count };
};

/** Save how the hold stands after a change of what is in it. `change` may be asked several times. */
export const updateHold = async (
  ports: Ports,
  key: HoldKey,
  change: (now: Hold) => Promise<Pick<Hold, "state" | "count" | "acts">>,
): Promise<void> => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const hold = await ports.holds.read(key);
    if (!hold) return;
    if (await ports.holds.save({ ...key, rev: hold.rev, ...(await change(hold)) })) return;
    await ports.clock.sleep(5 * tries * ports.random());
  }
  throw new Failure("store-unavailable", `Hold ${key.holdId} keeps changing. Call again.`, {
    retryAfterSeconds: 1,
  });
};
