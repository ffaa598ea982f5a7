import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { AttemptHistory, Link, UserLink } from "../../model/link.ts";
import type { Desired, State, UserStatus } from "../../model/receipt.ts";
import { shownState } from "../../model/work.ts";
import { desiredOf, isTakenOut } from "../assignments/assignment.ts";
import { existingIntegration, requireIntegration } from "../attempts/require-integration.ts";
import { linksList } from "../ports/list-names.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import { isOutdated, skippedReason, userState } from "../users/user-state.ts";
import { waitsFor } from "../users/waits-for.ts";
import { isWaitingState, listWaiting } from "./list-waiting.ts";

const awaitsTry: ReadonlySet<State> = new Set(["retrying", "failed", "unconfirmed"]);

/** A verification has found it otherwise, and nobody has asked for it to be sent again. */
const isLeftAsFound = ({
  work,
  observed,
}: Pick<Link<unknown, AttemptHistory>, "work" | "observed">): boolean =>
  observed.unconfirmed?.foundAt !== undefined && work?.urgency !== 0;

/** When an object in that state is tried again by itself. */
export const nextAttemptOf = (
  { work, observed }: Pick<Link<unknown, AttemptHistory>, "work" | "observed">,
  state: State,
): { nextAttemptAt?: string } =>
  work && work.state !== "held" && awaitsTry.has(state) && !isLeftAsFound({ work, observed })
    ? { nextAttemptAt: new Date(work.at).toISOString() }
    : {};

export const historyOf = ({
  since,
  lastAttemptAt,
  lastSuccessAt,
  lastEventId,
  lastError,
  unconfirmed,
  attempts,
}: AttemptHistory) => ({
  attempts,
  ...(since && { since }),
  ...(lastAttemptAt && { lastAttemptAt }),
  ...(lastSuccessAt && { lastSuccessAt }),
  ...(lastEventId && { lastEventId }),
  ...(lastError && { lastError }),
  ...(unconfirmed && { expected: unconfirmed.expected, seen: unconfirmed.seen }),
  ...(unconfirmed?.foundAt && { foundAt: unconfirmed.foundAt }),
});

const toStatus = (
  { ports: { profileOf }, integration }: IntegrationContext,
  link: UserLink,
  saved: SavedUser | undefined,
): UserStatus => {
  const { assignment, observed } = link;
  const state = userState(integration, profileOf(integration), link, saved);
  const waits = waitsFor(integration, { saved, link }, state);
  return {
    integrationId: integration.integrationId,
    userId: link.id,
    ...shownState(link, state),
    ...(state === "skipped" && saved && { reason: skippedReason(link, saved) }),
    desired: desiredOf(assignment, saved),
    assigned: {
      direct: assignment.direct,
      groups: assignment.groups,
      ...(isTakenOut(assignment, saved) && { excluded: assignment.exclusion ?? {} }),
    },
    ...(waits.length > 0 && { waitsFor: waits }),
    ...(isOutdated(integration, link, state) && { outdated: true }),
    ...(assignment.deleteFrom && saved?.deleted && { deleteFrom: assignment.deleteFrom }),
    ...(observed.remoteId && { remoteId: observed.remoteId }),
    ...(typeof observed.pushed?.active === "boolean" && { active: observed.pushed.active }),
    ...historyOf(observed),
    ...nextAttemptOf(link, state),
  };
};

/** @throws Failure `not-found` where the integration is unknown or never held the user */
export const getUserStatus = async (
  ports: Ports,
  integrationId: string,
  userId: string,
): Promise<UserStatus> => {
  const { row, saved, link } = await ports.reads.user(integrationId, userId);
  const integration = existingIntegration(row, integrationId);
  if (!link) throw new Failure("not-found", `Integration ${integrationId} never held user ${userId}.`);
  return toStatus({ ports, integration }, link, saved);
};

/** By userId; those that wait by whose turn it is, without a look at the others. */
export const listUserStatuses = async (
  ports: Ports,
  integrationId: string,
  { state, desired, excluded, ...page }: Page & { state?: State; desired?: Desired; excluded?: boolean },
): Promise<PageOf<UserStatus>> => {
  const integration = await requireIntegration(ports, integrationId);
  const context = { ports, integration };
  const isWanted = (status: UserStatus): boolean =>
    (!desired || status.desired === desired) &&
    (excluded === undefined || (status.assigned.excluded !== undefined) === excluded);
  if (isWaitingState(state))
    return listWaiting(ports, { integrationId, kind: "user", state }, page, async (ids) => {
      const reads = await ports.reads.users(integrationId, ids);
      return ids.map((id) => {
        const { link, saved } = reads.get(id) ?? {};
        if (link?.work?.state !== state) return undefined;
        const status = toStatus(context, link, saved);
        return isWanted(status) ? status : undefined;
      });
    });
  return fillPage(page, {
    read: (part) => ports.userLinks.list(integrationId, part),
    show: async (links) => {
      const users = await ports.users.readMany(links.map(({ id }) => id));
      return links
        .map((link) => toStatus(context, link, users.get(link.id)))
        .map((status) => ((!state || status.state === state) && isWanted(status) ? status : undefined));
    },
    cursorAt: ({ id }) => encodeCursor(linksList("user", integrationId), id),
    isFiltered: [state, desired, excluded].some((filter) => filter !== undefined),
    now: () => ports.clock.now(),
  });
};
