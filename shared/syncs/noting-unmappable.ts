import type { SyncItem } from "../model/sync.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** The same ports, with users who cannot be mapped told as items: nothing is sent for them, so no event tells of them. */
export const notingUnmappable = (ports: Ports, items: SyncItem[]): Ports => {
  const note: Ports["userLinks"]["note"] = (key, rev, observed, work) => {
    const { lastError } = observed;
    if (lastError?.code === "mapping-failed" && !items.some(({ userId }) => userId === key.id))
      items.push({
        kind: "user",
        userId: key.id,
        state: "failed",
        error: { code: lastError.code, detail: lastError.detail },
      });
    return ports.userLinks.note(key, rev, observed, work);
  };
  return Object.create(ports, { userLinks: { value: { ...ports.userLinks, note } } });
};
