import { leaveGroups } from "../../directory/change-directory-group.ts";
import { changeDirectoryUser } from "../../directory/change-directory-user.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { LeaverReceipt } from "../../model/receipt.ts";
import { endByLeaving } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { unboundHolding } from "../memberships/returned-account.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { inEveryIntegration } from "./in-every-integration.ts";
import { leaveIntegration } from "./leave-integration.ts";

type Held = { integration: Integration; groups: string[] };

/**
 * The leaver call: the user goes from the directory and its groups, and `onUserDeleted` is applied in every
 * integration that holds them. What fails in one integration keeps nobody in another; its receipt says so. The same
 * call again continues.
 * @throws Failure `not-found`
 */
export const deleteUser = async (ports: Ports, call: Call, userId: string): Promise<LeaverReceipt> => {
  await markDeleted({ ports, call }, userId);
  const held = (
    await Promise.all((await ports.userLinks.ofObject(userId)).map((link) => holding(ports, link)))
  ).flat();
  // Everything that is wanted is durable before the first request, so a later call that continues knows all of it.
  const groups = new Set([...(await ports.groups.ofUser(userId)), ...held.flatMap((one) => one.groups)]);
  await leaveGroups({ ports, call }, userId, groups);
  for (const { integration } of held) {
    const key = { integrationId: integration.integrationId, id: userId };
    await updateUserAssignment(ports, key, (now) =>
      endByLeaving(now, integration.policies, ports.clock.now()),
    );
  }

  const receipts = await inEveryIntegration({ ports, call }, held, ({ integration, groups }) =>
    leaveIntegration({ ports, call, integration }, userId, groups),
  );
  return { userId, receipts };
};

const markDeleted = async (asking: { ports: Ports; call: Call }, userId: string): Promise<void> => {
  await changeDirectoryUser(asking, userId, (before) => {
    if (!before) throw new Failure("not-found", `The directory has no user ${userId}.`);
    return before.deleted ? undefined : { user: before.user, deleted: true, lock: before.lock };
  });
};

const holding = async (ports: Ports, link: UserLink): Promise<Held[]> => {
  const integration = await presentIntegration(ports, link.integrationId);
  if (!integration) return [];
  if (!integration.groupsEnabled) return [{ integration, groups: [] }];
  const unbound = await unboundHolding(ports, integration.integrationId, link.id);
  return [{ integration, groups: [...new Set([...link.assignment.groups, ...unbound])] }];
};
