import type { RemoteGroup, RemoteUser } from "../providers/provider.ts";
import { isHeld, isLetIn, type Model } from "./model.ts";
import type { World } from "./world.ts";

/**
 * Claims, links and pushed members tell the same story, once all is reconciled: an account or group that is ours is
 * linked and claimed by the same object, nothing else is claimed but what is to be looked for, and what counts as pushed
 * is in the group.
 */
export const checkBooks = async (world: World, model: Model): Promise<string[]> => [
  ...(await checkClaims(world)),
  ...checkHistories(world),
  ...(world.target.groupsEnabled ? checkPushed(world, model) : []),
  ...(await checkForgotten(world, model)),
];

const checkClaims = async ({ memory, provider, target }: World): Promise<string[]> => {
  const claims = [...memory.claims.values()];
  const links = [
    ...[...memory.userLinks.values()].map((link) => ({ kind: "user" as const, ...link })),
    ...[...memory.groupLinks.values()].map((link) => ({ kind: "group" as const, ...link })),
  ];
  const accounts = (await provider.inner.users()).map(({ id, userName }) => ({
    kind: "user",
    id,
    name: userName,
  }));
  const groups = target.groupsEnabled ? await provider.inner.groups() : [];
  const there = [
    ...accounts,
    ...groups.map(({ id, displayName }) => ({ kind: "group", id, name: displayName })),
  ];
  // A creation whose holder died after its claim: the next call of its owner that needs it looks for it by its name and
  // has it already, and from an owner whose link does not name it anybody else who matches takes it over.
  const sought = new Set(
    links.flatMap(({ kind, id: ownerId, observed: { uncertainCreation } }) => {
      const name = typeof uncertainCreation === "object" ? uncertainCreation.userName : uncertainCreation;
      return there
        .filter((one) => one.kind === kind && one.name === name)
        .map(({ id }) => JSON.stringify([kind, ownerId, id]));
    }),
  );
  const unclaimed = links.filter(
    ({ kind, id, observed: { remoteId } }) =>
      remoteId !== undefined &&
      !claims.some((claim) => claim.kind === kind && claim.remoteId === remoteId && claim.ownerId === id),
  );
  const unlinked = claims.filter(
    ({ kind, remoteId, ownerId }) =>
      !links.some(
        (link) => link.kind === kind && link.id === ownerId && link.observed.remoteId === remoteId,
      ) && !sought.has(JSON.stringify([kind, ownerId, remoteId])),
  );
  return [
    ...unclaimed.map(({ kind, id }) => `${kind} ${id} is linked to what it has not claimed`),
    ...unlinked.map(({ kind, ownerId }) => `${kind} ${ownerId} claims what it is not linked to`),
  ];
};

/** A link and the event of its last attempt tell the same outcome. */
const checkHistories = ({ memory }: World): string[] =>
  [...memory.userLinks.values(), ...memory.groupLinks.values()].flatMap(({ id, observed }) => {
    const { lastEventId = "", lastSuccessAt, lastAttemptAt } = observed;
    const event = memory.events.get(lastEventId)?.event;
    if (lastEventId === "") return [];
    if (!event) return [`the last event of ${id} is not there`];
    const isSuccess = lastSuccessAt !== undefined && lastSuccessAt === lastAttemptAt;
    return event.success === isSuccess
      ? []
      : [
          `the link of ${id} tells ${isSuccess ? "success" : "failure"} of an attempt, and its event does not`,
        ];
  });

/**
 * Of bound groups: what counts as pushed of a user whose access is wanted is their account. Whether it is there, the
 * check of groups tells.
 */
const checkPushed = ({ memory, integrationId, target, userId }: World, model: Model): string[] => {
  const isActiveUser = (id: string): boolean => {
    const at = model.users.findIndex((_, index) => userId(index) === id);
    const user = model.users[at];
    return user !== undefined && isHeld(model, at) && isLetIn(user);
  };
  const problems: string[] = [];
  for (const { id, assignment, observed } of memory.groupLinks.values()) {
    const members = memory.pushedMembers.pushed.get(`${integrationId}#${id}`)?.values() ?? [];
    if (!assignment.bound || observed.remoteId === undefined || target.concessions.leaversMayStay) continue;
    for (const { member } of members) {
      if (member.presence !== "in" || !isActiveUser(member.userId)) continue;
      const account = memory.userLinks.get(`${member.userId}#${integrationId}`)?.observed.remoteId;
      if (account !== undefined && account !== member.remoteId)
        problems.push(`group ${id}: ${member.userId} counts as pushed by an account that is not theirs`);
    }
  }
  return problems;
};

/** An account that we made is linked, or at least shut, or looked for when it is next needed. So is a group. */
const checkForgotten = async (world: World, model: Model): Promise<string[]> => {
  const { memory, provider, foundIds, userId, target } = world;
  const userLinks = [...memory.userLinks.values()].map(({ observed }) => observed);
  const groupLinks = [...memory.groupLinks.values()].map(({ observed }) => observed);
  const keeps = (externalId: unknown): boolean => {
    const at = model.users.findIndex((_, index) => userId(index) === externalId);
    return at >= 0 && !isHeld(model, at) && model.users[at]?.removal === "none";
  };
  const isKnownAccount = ({ id, userName, resource }: RemoteUser): boolean =>
    foundIds.has(id) ||
    userLinks.some((link) => link.remoteId === id || link.uncertainCreation?.userName === userName) ||
    keeps(resource.externalId);
  const isKnownGroup = ({ id, displayName }: RemoteGroup): boolean =>
    foundIds.has(id) ||
    groupLinks.some((link) => link.remoteId === id || link.uncertainCreation === displayName);
  const accounts = (await provider.inner.users()).filter((one) => one.active && !isKnownAccount(one));
  const groups = target.groupsEnabled
    ? (await provider.inner.groups()).filter((one) => !isKnownGroup(one))
    : [];
  return [
    ...accounts.map(({ id, userName }) => `account ${id} of ${userName} is open, and nobody knows of it`),
    ...groups.map(
      ({ id, displayName }) => `group ${id} named ${displayName} is there, and nobody knows of it`,
    ),
  ];
};
