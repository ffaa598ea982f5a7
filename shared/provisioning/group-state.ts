import type { SavedGroup } from "../model/directory.ts";
import type { Integration } from "../model/integration.ts";
import type { GroupLink } from "../model/link.ts";
import type { State } from "../model/receipt.ts";
import { unbound } from "./assignment.ts";
import type { Ports } from "./ports/ports.ts";

/** The saved group and the link as they are now; a link that is not there is an empty one at revision 0. */
export const readGroupState = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
): Promise<{ saved: SavedGroup | undefined; link: GroupLink }> => {
  const key = { integrationId, id: groupId };
  const [saved, link] = await Promise.all([ports.groups.read(groupId), ports.groupLinks.read(key)]);
  return { saved, link: link ?? { ...key, rev: 0, assignment: unbound, observed: { attempts: 0 } } };
};

/** Derived from versions and never stored, so no crash can leave it wrong. */
export const groupState = (
  integration: Integration,
  link: GroupLink,
  saved: SavedGroup | undefined,
): State => {
  const { observed, assignment, attempt } = link;
  if (attempt) return "pending";
  if (!assignment.bound) {
    if (observed.lastError) return "failed";
    if (!observed.ended) return "pending";
    return observed.ended === "deleted" ? "deleted" : "deprovisioned";
  }
  if (observed.lastError) return "failed";
  const isElsewhere = observed.remoteId !== undefined && observed.baseUrl !== integration.baseUrl;
  return isElsewhere || observed.isDue || observed.version !== saved?.version ? "pending" : "in_sync";
};
