import { omit } from "../../common/objects.ts";
import type { GroupLink, GroupObserved, PushedMember } from "../../model/link.ts";
import { releaseRemote } from "../attempts/claim-remote.ts";
import type { GroupContext, GroupPush } from "../memberships/group-context.ts";
import { groupNames } from "../memberships/group-names.ts";
import { traceOf, withPresence } from "../memberships/uncertain-members.ts";
import type { Ports } from "../ports/ports.ts";
import { bindHeld, holderOf, isGivenUp, surplusIn } from "./look-at-group.ts";

/**
 * The members of a group that is taken over, read once where they are shown. Members that are accounts of directory
 * users count as pushed, so the difference keeps or removes them; others stay and are named in the event.
 * @throws Failure `deprovisions-held` where a first bind would take people out without a word
 */
export const takeOverMembers = async (
  { ports, provider, integration, link, saved, attempt, mayTakeOut }: GroupContext,
  remoteId: string,
  push: GroupPush,
): Promise<{ difference: GroupPush; notes: string[]; hasOthers?: true }> => {
  const shown = (await provider.readGroup(remoteId))?.members;
  if (!shown?.length)
    return {
      // Who is to leave was sent to this very group before; the ids of another are not its own.
      difference: [undefined, remoteId].includes(link.observed.remoteId) ? push : { ...push, leave: [] },
      notes: shown ? [] : ["The provider does not show the members of the group."],
    };

  const { integrationId, baseUrl } = integration;
  const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, shown);
  const linked: PushedMember[] = [...owners].map(([memberId, userId]) => ({
    userId,
    remoteId: memberId,
    presence: "in",
    foundThere: true,
    ...traceOf(attempt),
  }));
  const userIds = linked.map(({ userId }) => userId);
  const members = await ports.groups.membersAmong(saved.groupId, saved.version, userIds);
  if (link.observed.remoteId === undefined) {
    const others = userIds.filter((userId) => !members.has(userId));
    // Who was pushed to the group, or noted in it, before was its member.
    const noted = await ports.pushedMembers.among(link.integrationId, saved.groupId, others);
    const surplus = await surplusIn(ports, others, (userId) => noted.has(userId));
    const isFree = surplus.length === 0 || surplus.length === mayTakeOut;
    const holder = isFree ? undefined : await holderOf({ ports, integration, link }, remoteId);
    // One that is another's is not to be had.
    if (!isFree && (!holder || isGivenUp(holder))) throw bindHeld(saved.name, surplus);
  }
  await ports.pushedMembers.save(link.integrationId, saved.groupId, linked);
  const foreign = shown.filter((memberId) => !owners.has(memberId));
  return {
    difference: {
      join: push.join.filter((member) => !owners.has(member.remoteId)),
      leave: linked.filter(({ userId }) => !members.has(userId)),
    },
    ...(foreign.length > 0 && { hasOthers: true }),
    notes:
      foreign.length === 0
        ? []
        : [
            `Left as they are, unknown to the directory: ${foreign.slice(0, 100).join(", ")} (${foreign.length}).`,
          ],
  };
};

/** What is known once the group is gone at the provider. */
export const withoutGroup = (observed: GroupObserved): GroupObserved =>
  omit(
    observed,
    "remoteId",
    "baseUrl",
    "createdAt",
    "name",
    "uncertainNames",
    "shownName",
    "version",
    "versionAt",
    "uncertainCreation",
    "acceptedAt",
    "uncertainAt",
    "hasOthers",
    "unconfirmed",
  );

/**
 * Its id is no longer there, and the group may have another one by now: it is looked for under the name that it had, or
 * that it was to take last, since that is what gives it another id where ids follow names.
 */
export const soughtByName = (observed: GroupObserved): GroupObserved => {
  const name = groupNames(observed).at(-1);
  return { ...withoutGroup(observed), ...(name !== undefined && { uncertainCreation: name }) };
};

/** To be called before the group of `link` is noted as gone: nobody is in it any longer, and its claim is given up. */
export const releaseGroup = async (ports: Ports, link: GroupLink): Promise<void> => {
  const { integrationId, id } = link;
  for await (const page of ports.pushedMembers.all(integrationId, id)) {
    const there = page.filter(({ presence }) => presence !== "out");
    await ports.pushedMembers.save(
      integrationId,
      id,
      there.map((member) => withPresence(member, "out")),
    );
  }
  await releaseRemote(ports, "group", link);
};

/** Writes what has to be on record before `observed` replaces what `link` knows of the group. */
export const keepGroupBooks = async (
  ports: Ports,
  link: GroupLink,
  observed: GroupObserved,
): Promise<GroupObserved> => {
  const { remoteId, baseUrl } = link.observed;
  if (remoteId && !observed.remoteId) await releaseGroup(ports, link);
  // It has another id there.
  else if (remoteId !== observed.remoteId && baseUrl === observed.baseUrl)
    await releaseRemote(ports, "group", link);
  return observed;
};
