import { concurrently } from "../../common/concurrently.ts";
import { leaveGroups } from "../../directory/change-directory-group.ts";
import { recordAtOnce, recordDirectoryEvent, traceOfChange } from "../../directory/record-change.ts";
import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { LeaverReceipt } from "../../model/receipt.ts";
import { endByLeaving } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { unboundHolding } from "../memberships/returned-account.ts";
import type { Call, Ports } from "../ports/ports.ts";
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
    await updateUserAssignment(ports, key, (now) => endByLeaving(now, integration.policies));
  }

  const receipts = await concurrently(
    held,
    width,
    ({ integration, groups }) => leaveIntegration({ ports, call, integration }, userId, groups),
    takingTurns(ports, call, held.length),
  );
  return { userId, receipts };
};

/** Integrations at once, as long as no more than that hang. */
const width = 8;

/**
 * A provider that hangs takes all the time of each call, and would keep those behind it out for good. So an
 * integration that takes longer than an even share of the time lets others begin beside it. Every call then reaches
 * every integration, without a record of whose turn it is, and one that is merely slow still has all the time left.
 */
const takingTurns = ({ clock }: Ports, call: Call, count: number): (() => Promise<void>) => {
  const turnMs = (call.sendUntil - clock.now()) / Math.ceil(count / width);
  return () => clock.sleep(Math.max(0, turnMs));
};

const markDeleted = async (
  { ports, call }: { ports: Ports; call: Call },
  userId: string,
): Promise<SavedUser> => {
  for (;;) {
    const saved = await ports.users.read(userId);
    if (!saved) throw new Failure("not-found", `The directory has no user ${userId}.`);
    if (saved.deleted) return saved;
    await recordDirectoryEvent(ports, saved);
    const about = { type: "user_delete" as const, actor: call.actor, changes: [], closes: true };
    const change = { deleted: true, ...traceOfChange(ports, saved, about) };
    const deleted = await ports.users.save(userId, saved.version, saved.user, change);
    if (!deleted) continue;
    await recordAtOnce(ports, deleted);
    return deleted;
  }
};

const holding = async (ports: Ports, link: UserLink): Promise<Held[]> => {
  const integration = await presentIntegration(ports, link.integrationId);
  if (!integration) return [];
  if (!integration.groupsEnabled) return [{ integration, groups: [] }];
  const unbound = await unboundHolding(ports, integration.integrationId, link.id);
  return [{ integration, groups: [...new Set([...link.assignment.groups, ...unbound])] }];
};
