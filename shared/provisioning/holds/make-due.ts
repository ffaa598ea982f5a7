import type { AttemptHistory } from "../../model/link.ts";
import type { HeldObject } from "../ports/hold-store.ts";
import type { LinkKey, LinkStore } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

/** What was approved is due now, before everything else; its worker is woken, and the sweep finds it where that fails. */
export const makeDue = async (ports: Ports, integrationId: string, objects: HeldObject[]): Promise<void> => {
  const groupIds = new Set(objects.flatMap(({ groupId }) => groupId ?? []));
  for (const { userId, groupId } of objects)
    if (groupId === undefined) await setDue(ports, ports.userLinks, { integrationId, id: userId });
  for (const id of groupIds) await setDue(ports, ports.groupLinks, { integrationId, id });
  await wake(ports, integrationId).catch(() => undefined);
};

const wake = async (ports: Ports, integrationId: string): Promise<void> => ports.wakeUps.wake(integrationId);

/** Written also where it is due already: whoever is about to mark it as held sees that it has moved. */
const setDue = async <A, O extends AttemptHistory>(
  ports: Ports,
  store: LinkStore<A, O>,
  key: LinkKey,
): Promise<void> => {
  for (;;) {
    const link = await store.read(key);
    if (!link?.work) return;
    const now = ports.clock.now();
    // A worker takes no mark twice: this is another one, also in the same millisecond.
    const setAt = Math.max(now, link.work.setAt + 1);
    const due = { ...link.work, state: "pending" as const, urgency: 0 as const, at: now, setAt };
    if (await store.schedule(key, link.rev, due)) return;
  }
};
