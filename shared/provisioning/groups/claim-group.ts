import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import { withoutAccepted } from "../attempts/accepted-creation.ts";
import { withName } from "../memberships/group-names.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/**
 * Make the group this directory group's own.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const claimGroup = async (
  { ports, integration: { integrationId, baseUrl } }: IntegrationContext,
  link: GroupLink,
  remoteId: string,
): Promise<void> => {
  const { ownerId } = await ports.claims.claim({
    integrationId,
    kind: "group",
    baseUrl,
    remoteId,
    ownerId: link.id,
  });
  if (ownerId === link.id) return;
  throw new Failure(
    "account-claimed",
    `Group ${remoteId} at the service provider belongs to directory group ${ownerId}. Give one of them another name.`,
  );
};

/** What is known of a group that is ours now, under this name; the provider's own spelling of the name we gave is that one. */
export const ownedGroup = (
  { baseUrl }: Integration,
  observed: GroupObserved,
  remoteId: string,
  name: string,
): GroupObserved => {
  const { uncertainCreation: _, createdAt, ...rest } = withoutAccepted(observed);
  const isSame = observed.remoteId === remoteId;
  const isRespelled = isSame && observed.shownName === name;
  return {
    ...withName(rest, isRespelled ? String(observed.name) : name),
    ...(isRespelled && { shownName: name }),
    ...(isSame && createdAt !== undefined && { createdAt }),
    remoteId,
    baseUrl,
  };
};
