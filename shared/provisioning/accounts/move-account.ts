import { allPages } from "../../common/all-pages.ts";
import { concurrently } from "../../common/concurrently.ts";
import type { Integration } from "../../model/integration.ts";
import { noteDue } from "../memberships/group-state.ts";
import { noteUncertain } from "../memberships/uncertain-members.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

/** `sentSince`: the account has had its old id for as long as attempts sent that began before. Unix ms. */
type Ids = { from: string; to: string; sentSince: number };

/**
 * An account of this user's has another id, which is claimed already: memberships that were pushed under the old one
 * are known under the new one, and the old claim is given up. Whether the groups there have followed is unknown, so
 * these members are uncertain and the groups pending; so are those that were taken out under the old id since it may
 * have changed. Reads all bound groups, since one may hold a user that it has let go of already.
 */
export const moveAccount = async (
  ports: Ports,
  { integrationId, baseUrl }: Pick<Integration, "integrationId" | "baseUrl">,
  userId: string,
  { from, to, sentSince }: Ids,
): Promise<void> => {
  for await (const groups of allPages((page) => ports.groupLinks.list(integrationId, page), 100))
    await concurrently(groups, 16, ({ id }) =>
      moveMembership(ports, { integrationId, id }, userId, { from, to, sentSince }),
    );
  await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId: from, ownerId: userId });
};

const moveMembership = async (
  ports: Ports,
  { integrationId, id: groupId }: LinkKey,
  userId: string,
  { from, to, sentSince }: Ids,
): Promise<void> => {
  const member = (await ports.pushedMembers.among(integrationId, groupId, [userId])).get(userId);
  if (!member || member.remoteId !== from) return;
  if (member.presence === "out" && Date.parse(member.since) < sentSince) return;
  await noteUncertain(ports, integrationId, groupId, [{ ...member, remoteId: to }]);
  await noteDue(ports, integrationId, groupId);
};
