import { isDeleted, leaveGroups } from "../../directory/change-directory-group.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { Changed } from "../../model/work.ts";
import { endByLeaving, isNeverHeld } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { holdAsMember } from "../memberships/hold-as-member.ts";
import { unboundHolding } from "../memberships/returned-account.ts";
import type { Call, Ports } from "../ports/ports.ts";

export type Held = { integration: Integration; groups: string[] };

/**
 * All that is wanted of a user who is deleted, before the first request: out of the groups, and `onUserDeleted` in every
 * integration that holds them. Answers these, with the groups that may hold the user there. The same again goes on.
 */
export const recordLeaving = async (
  { ports, call, carriedOut }: { ports: Ports; call: Call; carriedOut?: Changed["carriedOut"] },
  userId: string,
): Promise<Held[]> => {
  const links = await ports.userLinks.ofObject(userId);
  const known = (await Promise.all(links.map((link) => holding(ports, link)))).flat();
  const groups = new Set([...(await ports.groups.ofUser(userId)), ...known.flatMap((one) => one.groups)]);
  // Before the user leaves a group: afterwards nobody knows who held them.
  const hold = async () => {
    for (const { integration, link } of known)
      if (isNeverHeld(link.assignment)) await holdAsMember(ports, integration, link);
  };
  await leaveGroups({ ports, call, carriedOut }, userId, groups, hold);
  const held: Held[] = [];
  for (const one of known) {
    const { integration } = one;
    const key = { integrationId: integration.integrationId, id: userId };
    // A later call may have brought the user back, and what that one gave stays. An account that nobody held stays, too.
    const { assignment } = await updateUserAssignment(ports, key, async (now) =>
      !isNeverHeld(now) && (await isDeleted(ports, userId))
        ? endByLeaving(now, integration.policies, ports.clock.now())
        : now,
    );
    const joined = integration.groupsEnabled ? assignment.groups : [];
    held.push({ integration, groups: [...new Set([...one.groups, ...joined])] });
  }
  return held;
};

const holding = async (ports: Ports, link: UserLink): Promise<(Held & { link: UserLink })[]> => {
  const integration = await presentIntegration(ports, link.integrationId);
  return integration ? [{ integration, link, groups: await groupsHolding(ports, integration, link) }] : [];
};

/** The groups of the integration that may hold the user. */
export const groupsHolding = async (
  ports: Ports,
  { integrationId, groupsEnabled }: Integration,
  { id, assignment }: UserLink,
): Promise<string[]> => {
  if (!groupsEnabled) return [];
  return [...new Set([...assignment.groups, ...(await unboundHolding(ports, integrationId, id))])];
};
