import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { GroupLink } from "../model/link.ts";
import type { Ports } from "./ports/ports.ts";

/**
 * Make the group this directory group's own.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const claimGroup = async (
  ports: Ports,
  { integrationId, baseUrl }: Integration,
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
