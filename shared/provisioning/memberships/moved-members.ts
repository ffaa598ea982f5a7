import type { PushedMember, UserLink } from "../../model/link.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { noteUncertain } from "./uncertain-members.ts";

/**
 * The id that an account has now which was known under `from`; undefined where it is the same, or the account was given
 * up. An attempt under way may have found another id that its link does not tell yet.
 */
export const movedTo = ({ observed, attempt }: UserLink, from: string): string | undefined => {
  const now = observed.remoteId === from ? attempt?.remoteId : observed.remoteId;
  return now === from || observed.former?.remoteId === from ? undefined : now;
};

/**
 * These were just noted as taken out. One whose account has got another id meanwhile may be in the group under that one,
 * since a provider takes the removal of an id that it no longer knows without a word: it is noted as uncertain, and to be
 * taken out once more. Looked at after they were noted, so that whoever notes the new id is seen here, or sees that note.
 * Answers those, by user.
 */
export const keepMoved = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  groupId: string,
  removed: PushedMember[],
): Promise<Set<string>> => {
  if (removed.length === 0) return new Set();
  const reads = await ports.reads.users(
    integrationId,
    removed.map(({ userId }) => userId),
  );
  const moved = removed.flatMap((member): PushedMember[] => {
    const link = reads.get(member.userId)?.link;
    const remoteId = link && movedTo(link, member.remoteId);
    return remoteId === undefined ? [] : [{ ...member, remoteId }];
  });
  await noteUncertain(ports, integrationId, groupId, moved);
  return new Set(moved.map(({ userId }) => userId));
};
