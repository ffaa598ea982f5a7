import { concurrently } from "../../common/concurrently.ts";
import { changeDirectoryGroup } from "../../directory/change-directory-group.ts";
import { askedBy } from "../../model/asked.ts";
import type { SavedUser } from "../../model/directory.ts";
import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import {
  type GroupReceipt,
  isRemovalDone,
  type LeaverReceipt,
  type UserReceipt,
} from "../../model/receipt.ts";
import { endByLeaving, holdByGroup } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import type { Call, Context, Ports } from "../ports/ports.ts";
import { isGone } from "../users/is-gone.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState, userState } from "../users/user-state.ts";

type Held = { integration: Integration; groups: string[] };
type Receipt = LeaverReceipt["receipts"][number];

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
  for (const groupId of new Set(held.flatMap(({ groups }) => groups)))
    await leaveGroup(ports, call, groupId, userId);
  for (const { integration } of held) {
    const key = { integrationId: integration.integrationId, id: userId };
    await updateUserAssignment(ports, key, (now) => endByLeaving(now, integration.policies));
  }

  const receipts = await concurrently(
    held,
    width,
    ({ integration, groups }) => removeFrom({ ports, call, integration }, userId, groups),
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
    const asked = askedBy(call.actor, ports.clock.now());
    const deleted = await ports.users.save(userId, saved.version, saved.user, { deleted: true, asked });
    if (deleted) return deleted;
  }
};

const holding = async (ports: Ports, link: UserLink): Promise<Held[]> => {
  const integration = (await ports.integrations.read(link.integrationId))?.integration;
  if (!integration || integration.status === "deleted") return [];
  return [{ integration, groups: integration.groupsEnabled ? link.assignment.groups : [] }];
};

const leaveGroup = async (ports: Ports, call: Call, groupId: string, userId: string): Promise<void> => {
  await changeDirectoryGroup({ ports, call }, groupId, async (base) => {
    if (!base || !(await ports.groups.membersAmong(groupId, base.version, [userId])).has(userId))
      return undefined;
    return { name: base.name, add: [], remove: [userId] };
  });
};

const inProgress = "another call is at it; the same call again continues";

const removeFrom = async (context: Context, userId: string, groups: string[]): Promise<Receipt> => {
  const { integration } = context;
  const { integrationId, status } = integration;
  if (status !== "active") return untouched(context, userId);
  // The account first: access ends even where a group cannot be changed. And the groups even where the account cannot.
  const account = await partOf(reconcileUser(context, userId));
  const parts = [account];
  const { isUnauthorized, isRefused = false } = account;
  for (const groupId of isUnauthorized ? [] : groups)
    parts.push(await leaveRemoteGroup(context, groupId, { forUser: userId, isRefused }));
  const open =
    parts.find(({ state }) => state === "failed") ?? parts.find(({ state }) => !isRemovalDone(state));
  const { state, reason } = open ?? account;
  const eventIds = parts.flatMap((part) => part.eventIds);
  return { integrationId, action: account.action, state, ...(reason && { reason }), eventIds };
};

const untouched = async ({ ports, integration }: Context, userId: string): Promise<Receipt> => {
  const { integrationId, status } = integration;
  const nothing = { integrationId, action: "unchanged" as const, eventIds: [] };
  const { link, saved } = await readUserState(ports, integrationId, userId);
  if (isGone({ ports, integration }, link, saved))
    return { ...nothing, state: userState(integration, ports.profileOf(integration), link, saved) };
  return {
    ...nothing,
    state: "pending",
    reason: `the integration is ${status}; the user is taken away once it is active and the call is repeated`,
  };
};

/**
 * The group at the provider lets go of the user. It may wait for others, who are not this call's; but where it may hold
 * the user still, that stays on record, so that the same call again goes on, and the user stays readable until then.
 */
const leaveRemoteGroup = async (
  context: Context,
  groupId: string,
  start: { forUser: string; isRefused: boolean },
): Promise<Part> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const userId = start.forUser;
  const part = await partOf(reconcileGroup(context, groupId, start));
  const there = (await ports.pushedMembers.among(integrationId, groupId, [userId])).get(userId);
  const { link } = await readUserState(ports, integrationId, userId);
  const isThere = there !== undefined && there.presence !== "out";
  if (!isThere && !link.assignment.groups.includes(groupId)) return { ...part, state: "deprovisioned" };
  await updateUserAssignment(ports, link, (now) => (now.excluded ? holdByGroup(now, groupId) : now), link);
  return { ...part, state: part.state === "failed" ? "failed" : "pending" };
};

/**
 * What the account, or one group, came to. `isUnauthorized`: the credentials were refused, and nothing more is to be sent.
 * `isRefused`: the change was.
 */
type Part = Pick<Receipt, "action" | "state" | "reason" | "eventIds"> & {
  isUnauthorized?: boolean;
  isRefused?: boolean;
};

/** @throws Failure that is not of the provider's: `audit-unavailable`, `store-unavailable` */
const partOf = async (work: Promise<UserReceipt | GroupReceipt>): Promise<Part> => {
  try {
    const { action, state, reason, eventIds } = await work;
    return { action, state, ...(reason && { reason }), eventIds };
  } catch (error) {
    if (
      !(error instanceof Failure) ||
      error.code === "audit-unavailable" ||
      error.code === "store-unavailable"
    )
      throw error;
    const eventIds = eventIdsOf(error);
    // Its holder goes on with what is wanted by now.
    if (error.code === "attempt-in-progress")
      return { action: "unchanged", state: "pending", reason: inProgress, eventIds };
    return {
      action: "unchanged",
      state: "failed",
      reason: error.detail,
      eventIds,
      isUnauthorized: isUnauthorized(error),
      isRefused: error.code === "provider-rejected",
    };
  }
};
