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
  const held = (await Promise.all(links.map((link) => holding(ports, link)))).flat();
  const groups = new Set([...(await ports.groups.ofUser(userId)), ...held.flatMap((one) => one.groups)]);
  await leaveGroups({ ports, call, carriedOut }, userId, groups);
  for (const { integration } of held) {
    const key = { integrationId: integration.integrationId, id: userId };
    // A later call may have brought the user back, and what that one gave stays. An account that nobody held stays, too.
    await updateUserAssignment(ports, key, async (now) =>
      !isNeverHeld(now) && (await isDeleted(ports, userId))
        ? endByLeaving(now, integration.policies, ports.clock.now())
        : now,
    );
  }
  return held;
};

/** Read before the user leaves the groups: afterwards nobody knows who held them. */
const holding = async (ports: Ports, known: UserLink): Promise<Held[]> => {
  const integration = await presentIntegration(ports, known.integrationId);
  if (!integration) return [];
  const link = await holdAsMember(ports, integration, known);
  return [{ integration, groups: await groupsHolding(ports, integration, link) }];
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
