import { isWork, type Rest, type Work } from "../../shared/model/work.ts";
import { workOfGroup } from "../../shared/provisioning/memberships/work-of-group.ts";
import type { IntegrationContext } from "../../shared/provisioning/ports/ports.ts";
import { workOfUser } from "../../shared/provisioning/users/work-of-user.ts";
import { waitingIn } from "./waiting.ts";
import type { World } from "./world.ts";

/**
 * Whatever is killed now, nothing is lost: each link at which something is still to be done has its mark of work, or an
 * open attempt, or its directory object bears the mark of a change.
 */
export const checkNothingLost = (world: World): string[] =>
  undone(world)
    .filter(({ link: { work, attempt }, changed }) => !work && !attempt && !changed)
    .map(({ what, todo }) => `${what} is ${todo}, and nothing would find it`);

/** At rest: no change waits to be dispatched, no attempt is open, and no link waits at which nothing is to be done. */
export const checkNothingWaits = (world: World): string[] => {
  const reasons = new Set(undone(world).map(({ what, todo }) => `${what}: ${todo}`));
  return waitingIn(world)
    .filter(({ what }) => !reasons.has(what))
    .map(({ what }) => `${what} waits without a reason`);
};

const todoOf = (work: Work | Rest | null) => (isWork(work) ? work.state : undefined);

/** Links at which something is to be done, an attempt under way aside. */
const undone = (world: World) => {
  const { memory, look: ports } = world;
  const contextOf = (integrationId: string): IntegrationContext | undefined => {
    const integration = memory.integrations.get(integrationId)?.integration;
    return integration && integration.status !== "deleted" ? { ports, integration } : undefined;
  };
  const users = [...memory.userLinks.values()].map((link) => {
    const saved = memory.users.get(link.id);
    const context = contextOf(link.integrationId);
    const todo = context && todoOf(workOfUser(context, { saved, link }));
    return { what: `link of user ${link.id}`, link, todo, changed: saved?.changed };
  });
  const groups = [...memory.groupLinks.values()].map((link) => {
    const group = memory.groups.get(link.id)?.saved;
    const saved = group && group.version > 0 ? group : undefined;
    const context = contextOf(link.integrationId);
    const todo = context && todoOf(workOfGroup(context, { saved, link }));
    return { what: `link of group ${link.id}`, link, todo, changed: group?.changed };
  });
  return [...users, ...groups].filter(({ todo }) => todo !== undefined);
};
