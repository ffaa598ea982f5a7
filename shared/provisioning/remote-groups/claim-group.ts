import { Failure } from "../../model/failure.ts";
import type { PushedMember } from "../../model/link.ts";
import { requireClaim } from "../attempts/claim-remote.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { noteUncertain, withPresence } from "../memberships/uncertain-members.ts";
import { isGivenUp } from "./look-at-group.ts";
import { withoutGroup } from "./take-over-group.ts";

type Claiming = Pick<GroupContext, "ports" | "integration" | "link">;

/**
 * Make the group there this directory group's own. One that was unbound, and left as it is, gives it up: nobody manages
 * it. `isShared`: its members are to be looked at once more, since that group has pushed some. `formerId`: who had it
 * before.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const claimGroup = async (
  work: Claiming,
  remoteId: string,
): Promise<{ isShared: boolean; formerId?: string }> => {
  const { ports, integration, link } = work;
  try {
    const { formerId } = await requireClaim(work, "group", link, remoteId);
    return { isShared: false, ...(formerId !== undefined && { formerId }) };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "account-claimed") throw error;
    const members = await freeUnbound(work, remoteId);
    if (!members) throw error;
    await requireClaim(work, "group", link, remoteId);
    const { integrationId } = integration;
    const known = await ports.pushedMembers.among(
      integrationId,
      link.id,
      members.map(({ userId }) => userId),
    );
    const unknown = members.filter(({ userId }) => (known.get(userId)?.presence ?? "out") === "out");
    await noteUncertain(ports, integrationId, link.id, unknown);
    return { isShared: unknown.length > 0 };
  }
};

/** Whom the owner has pushed, once it has given the group up; undefined where it is bound, or is to be deleted. */
const freeUnbound = async (
  { ports, integration: { integrationId, baseUrl } }: Claiming,
  remoteId: string,
): Promise<PushedMember[] | undefined> => {
  const id = await ports.claims.ownerOf({ integrationId, kind: "group", baseUrl, remoteId });
  const owner = id === undefined ? undefined : await ports.groupLinks.read({ integrationId, id });
  if (!owner || !isGivenUp(owner)) return undefined;
  const members: PushedMember[] = [];
  for await (const page of ports.pushedMembers.all(integrationId, owner.id))
    members.push(...page.filter(({ presence }) => presence !== "out"));
  // Not where it is bound again meanwhile.
  if (
    !(await ports.groupLinks.note({ integrationId, id: owner.id }, owner.rev, withoutGroup(owner.observed)))
  )
    return undefined;
  const left = members.map((member) => withPresence(member, "out"));
  await ports.pushedMembers.save(integrationId, owner.id, left);
  return members;
};
