import type { HeldItem, Hold } from "../../model/hold.ts";
import type { Desired } from "../../model/receipt.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { Context } from "../ports/ports.ts";
import { type Act, isRecent } from "./origin.ts";
import { tally, updateHold } from "./tally.ts";

/** Up to so many people are counted anew each time somebody joins or leaves a hold; above, it is a sum until it is read. */
export const countedAnew = 500;
const keptActs = 50;

/**
 * Put what an act would take away into the open hold of the same origin, where that is ten minutes old at most, else into
 * a new one. The same again changes nothing. @returns the id of the hold
 */
export const holdAct = async (
  { ports, integration: { integrationId } }: Context,
  act: Act,
  objects: (HeldObject & { wanted: Desired })[],
): Promise<string> => {
  const { holdId } = await openHold(ports, integrationId, act);
  const key = { integrationId, holdId };
  const at = new Date(ports.clock.now()).toISOString();
  const items = objects.map(
    ({ userId, groupId, wanted }): HeldItem => ({
      kind: groupId === undefined ? "user" : "group",
      userId,
      ...(groupId !== undefined && { groupId }),
      at,
      state: "held",
      wanted,
    }),
  );
  await ports.holds.put(key, items);
  const people = new Set(objects.map(({ userId }) => userId)).size;
  // Where it was decided or emptied meanwhile, it is open again: nobody in it is without somebody to decide.
  await updateHold(ports, key, async ({ count, acts }) => ({
    ...(count < countedAnew ? await tally(ports, key) : { state: "open", count: count + people }),
    acts: withAct(acts, act),
  }));
  return holdId;
};

/**
 * Count who is in the hold for this act too, should the call that put them there have ended before it came to that: nobody is
 * shown a hold that counts nobody.
 */
export const countAct = async (ports: Context["ports"], hold: Hold, act: Act): Promise<void> => {
  if (hold.acts.includes(act.cause.correlationId) && hold.count > 0) return;
  await updateHold(ports, hold, async ({ acts }) => ({
    ...(await tally(ports, hold)),
    acts: withAct(acts, act),
  }));
};

const withAct = (acts: string[], { cause: { correlationId } }: Act): string[] =>
  [...acts.filter((id) => id !== correlationId), correlationId].slice(-keptActs);

/** The hold that the act joins; where several look for one at once they come to the same. */
const openHold = async (
  ports: Context["ports"],
  integrationId: string,
  { origin, cause }: Act,
): Promise<Hold> => {
  for (;;) {
    const latest = await ports.holds.ofOrigin(integrationId, origin);
    const isJoinable = latest !== undefined && isRecent(ports, latest.since);
    const hold = isJoinable ? await ports.holds.read({ integrationId, holdId: latest.holdId }) : undefined;
    if (hold?.state === "open") return hold;
    const now = ports.clock.now();
    // One that was claimed and not made yet is made by whoever comes next.
    const { holdId, since } =
      isJoinable && !hold
        ? latest
        : await ports.holds.claimOrigin(
            integrationId,
            origin,
            { holdId: ports.newId(now), since: new Date(now).toISOString() },
            latest,
          );
    await ports.holds.create({
      integrationId,
      holdId,
      rev: 0,
      state: "open",
      count: 0,
      since,
      cause,
      acts: [cause.correlationId],
    });
  }
};
