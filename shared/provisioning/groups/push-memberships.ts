import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { UserLink } from "../../model/link.ts";
import { takeOutReturned } from "../memberships/returned-account.ts";
import { waitingBind } from "../memberships/waiting-bind.ts";
import type { Context, Ports } from "../ports/ports.ts";
import { reconcileGroup } from "./reconcile-group.ts";

/**
 * Groups that wait for this account, or hold one that the user no longer has, get the account now, and those that may
 * hold it and are not the user's lose it first. Returns the events of these attempts. A failure here does not fail the
 * user's call: it is on record as the group's own attempt, and the group stays pending.
 */
export const pushMemberships = async (context: Context, userId: string): Promise<string[]> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const link = await ports.userLinks.read({ integrationId, id: userId });
  // Access that must end goes first.
  const eventIds = await leaveOthers(context, link);
  for (const groupId of link?.assignment.groups ?? []) {
    if (!(await isAwaited(ports, integrationId, groupId, userId))) continue;
    try {
      eventIds.push(...(await reconcileGroup(context, groupId, { forUser: userId })).eventIds);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      eventIds.push(...eventIdsOf(error));
    }
  }
  return eventIds;
};

/** Take an account that came back out of the groups that may hold it and are not the user's. */
export const leaveOthers = async (context: Context, link: UserLink | undefined): Promise<string[]> => {
  const { ports } = context;
  if (!link) return [];
  const reconcile = (groupId: string) => reconcileGroup(context, groupId, { forUser: link.id });
  return takeOutReturned(ports, link, reconcile);
};

const isAwaited = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
  userId: string,
): Promise<boolean> => {
  if (!(await ports.pushedMembers.waiting(integrationId, groupId)).includes(userId)) return false;
  // A first bind that says what becomes of those who are there is carried out for all, by its own work.
  const link = await ports.groupLinks.read({ integrationId, id: groupId });
  return !link || waitingBind(link) === undefined;
};
