import type { PushedMember } from "../model/link.ts";
import type { GroupPush, GroupWork } from "./group-work.ts";

/** The accounts that are in the group as far as we have pushed or found them there. Reads them all: for rare cases. */
export const knownMembers = (work: GroupWork): Promise<string[]> => pushedThere(work, () => true);

/** Those of them without a doubt. One whose account changed, and is to be pushed anew, is not there with the old one. */
export const certainMembers = (work: GroupWork, { join }: GroupPush): Promise<string[]> => {
  const joining = new Map(join.map(({ userId, remoteId }) => [userId, remoteId]));
  return pushedThere(
    work,
    ({ userId, remoteId, isDoubtful }) => !isDoubtful && (joining.get(userId) ?? remoteId) === remoteId,
  );
};

const pushedThere = async (
  { ports, link }: GroupWork,
  isMeant: (member: PushedMember) => boolean,
): Promise<string[]> => {
  const there: string[] = [];
  for await (const page of ports.pushedMembers.all(link.integrationId, link.id))
    for (const member of page)
      if (member.state === "pushed" && member.remoteId && isMeant(member)) there.push(member.remoteId);
  return there;
};
