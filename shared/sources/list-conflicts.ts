import type { Page, PageOf } from "../common/cursor.ts";
import type { Conflict } from "../model/source.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { existingSource } from "./change-source.ts";
import { groupOfName, userOfName } from "./find-named.ts";
import { type NamingPorts, personOf } from "./names.ts";

/**
 * What the source asked for in the last 30 days and could not have, but for what it has by now. A page may hold fewer than its
 * limit where more follow.
 * @throws Failure `not-found`, `invalid-cursor`
 */
export const listConflicts = async (
  ports: NamingPorts & Pick<Ports, "sources" | "conflicts">,
  sourceId: string,
  page: Page,
): Promise<PageOf<Conflict>> => {
  await existingSource(ports, sourceId);
  const { items, ...rest } = await ports.conflicts.list(sourceId, page);
  const open = await Promise.all(items.map((conflict) => isOpen(ports, sourceId, conflict)));
  return { ...rest, items: items.filter((_, at) => open[at]) };
};

/** Of a name that another object of the source has, somebody has it, and that is what the conflict is about. */
const isOpen = async (
  ports: NamingPorts,
  sourceId: string,
  { kind, name, reason, userIds = [], groupIds = [] }: Conflict,
): Promise<boolean> => {
  if (kind === "user") {
    const user = await userOfName(ports, sourceId, name);
    if (user) return reason === "name-taken" && userIds.includes(user.userId);
    // An address that the source has by now.
    return (await personOf(ports, sourceId, name))?.source?.sourceId !== sourceId;
  }
  const group = await groupOfName(ports, sourceId, name);
  if (reason === "members-dropped") return group?.source?.dropped !== undefined;
  return !group || (reason === "name-taken" && groupIds.includes(group.groupId));
};
