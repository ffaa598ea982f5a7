import type { AttemptHistory } from "../../model/link.ts";
import { sinceOf } from "../../model/work.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { LinkKey, LinkStore } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import { makeDue } from "./make-due.ts";

/**
 * The object is not looked at again by itself until its hold is decided, or something of it changes. `held`: what is in the
 * hold. A decision may have been made meanwhile, whose word that it is due would be lost: so it is looked for afterwards.
 */
export const markUserHeld = (ports: Ports, key: LinkKey, holdId: string): Promise<void> =>
  markHeld(ports, ports.userLinks, { key, holdId, held: [{ userId: key.id }] });

export const markGroupHeld = (
  ports: Ports,
  key: LinkKey,
  holdId: string,
  held: HeldObject[],
): Promise<void> => markHeld(ports, ports.groupLinks, { key, holdId, held });

const markHeld = async <A, O extends AttemptHistory>(
  ports: Ports,
  store: LinkStore<A, O>,
  { key, holdId, held }: { key: LinkKey; holdId: string; held: HeldObject[] },
): Promise<void> => {
  for (let isMarked = false; !isMarked; ) {
    const link = await store.read(key);
    if (!link || link.rev === 0) return;
    const now = ports.clock.now();
    const since = sinceOf(link.work, 0, now);
    const work = { state: "held", urgency: 0, at: now, since, setAt: now, holdId } as const;
    isMarked = await store.schedule(key, link.rev, work);
  }
  const items = await ports.holds.itemsOf(key.integrationId, held);
  const decided = items.filter(({ state }) => state === "approved");
  if (decided.length > 0) await makeDue(ports, key.integrationId, decided);
};
