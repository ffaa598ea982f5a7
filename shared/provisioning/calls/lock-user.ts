import { changeDirectoryUser } from "../../directory/change-directory-user.ts";
import { existingUser } from "../../directory/save-user.ts";
import type { SavedUser } from "../../model/directory.ts";
import type { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { IntegrationReceipt, LeaverReceipt } from "../../model/receipt.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { pushMemberships } from "../groups/push-memberships.ts";
import { takeOutOfGroups } from "../groups/take-out-member.ts";
import { leaveByItself } from "../holds/leave-hold.ts";
import { holdAsMember } from "../memberships/hold-as-member.ts";
import type { Call, Context, Ports } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState } from "../users/user-state.ts";
import { inEveryIntegration } from "./in-every-integration.ts";
import { partOf, untouched } from "./leave-integration.ts";

/**
 * Shut the user out now, in every integration, whatever the directory's document says. The lock stays until it is taken
 * away. The same call again continues.
 * @throws Failure `not-found`
 */
export const lockUser = (ports: Ports, call: Call, userId: string, reason: string): Promise<LeaverReceipt> =>
  changeLock({ ports, call: because(call, reason) }, userId, ({ lock }, by, since) =>
    lock ? lock : { since, by, reason },
  );

/**
 * Take the lock away: the user is active again where the document says so. Without a lock the same is carried out that
 * is wanted.
 * @throws Failure `not-found`
 */
export const unlockUser = (
  ports: Ports,
  call: Call,
  userId: string,
  reason?: string,
): Promise<LeaverReceipt> => changeLock({ ports, call: because(call, reason) }, userId, () => undefined);

/** The events tell the reason, unless the call's header gives another. */
const because = (call: Call, reason: string | undefined): Call =>
  reason === undefined || call.actor.reason !== undefined
    ? call
    : { ...call, actor: { ...call.actor, reason } };

const changeLock = async (
  { ports, call }: { ports: Ports; call: Call },
  userId: string,
  lockOf: (before: SavedUser, by: string, since: string) => SavedUser["lock"],
): Promise<LeaverReceipt> => {
  const since = new Date(ports.clock.now()).toISOString();
  const saved = await changeDirectoryUser(
    { ports, call, carriedOut: { until: call.answerUntil } },
    userId,
    (before) => {
      const now = existingUser(before, userId);
      const lock = lockOf(now, call.actor.initiatedBy.id, since);
      return lock === now.lock ? undefined : { user: now.user, lock };
    },
  );
  const isLocked = existingUser(saved, userId).lock !== undefined;
  const links = await ports.userLinks.ofObject(userId);
  const present = (await Promise.all(links.map((link) => holding(ports, link)))).flat();
  const receipts = await inEveryIntegration({ ports, call }, present, (integration) =>
    carryOut({ ports, call, integration }, userId, isLocked),
  );
  return { userId, receipts };
};

const holding = async (ports: Ports, link: UserLink): Promise<Integration[]> => {
  const integration = await presentIntegration(ports, link.integrationId);
  if (!integration) return [];
  await holdAsMember(ports, integration, link);
  return [integration];
};

const carryOut = async (context: Context, userId: string, isLocked: boolean): Promise<IntegrationReceipt> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  if (!isSendable(integration, { call, endsAccess: isLocked })) return untouched(context, userId);
  const known = await readUserState(ports, integrationId, userId);
  await leaveByItself(ports, known.link);
  const { refused, isUnauthorized, ...part } = await partOf(reconcileUser(context, userId, { known }));
  const others = isUnauthorized ? [] : await inGroups(context, userId, { isLocked, refused });
  return { integrationId, ...part, eventIds: [...part.eventIds, ...others] };
};

/** What the groups grant ends even where the account stays open, and comes back with it. */
const inGroups = async (
  context: Context,
  userId: string,
  { isLocked, refused }: { isLocked: boolean; refused: Failure | undefined },
): Promise<string[]> => {
  const { ports, integration } = context;
  if (!integration.groupsEnabled) return [];
  if (!isLocked) return pushMemberships(context, userId);
  const link =
    refused && (await ports.userLinks.read({ integrationId: integration.integrationId, id: userId }));
  return link ? takeOutOfGroups(context, link) : [];
};
