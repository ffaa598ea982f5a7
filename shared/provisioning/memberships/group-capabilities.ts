import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";

/** Whether groups are made, named and deleted at the service provider alone, so that only their members are ours. */
export const isMembersOnly = (ports: Ports, integration: Integration): boolean =>
  ports.profileOf(integration).groups === "members-only";

/** Where a group cannot be made, it has to be there. */
export const groupMissing = (name: string): Failure =>
  new Failure(
    "provider-rejected",
    `The service provider has no group named ${name}, and groups cannot be made there by SCIM. Make it there under this very name and repeat the call.`,
  );

/** @throws Failure `groups-disabled` where the service provider deletes no groups */
export const requireDeletion = (ports: Ports, integration: Integration): void => {
  if (!isMembersOnly(ports, integration)) return;
  throw new Failure(
    "groups-disabled",
    `The service provider of integration ${integration.integrationId} deletes no groups by SCIM. Unbind the group without action=delete, and delete it there.`,
  );
};

/** Whether the group has a name of its own there, which we cannot change. Undefined where it has ours. */
export const foreignName = (
  ports: Ports,
  integration: Integration,
  { observed }: GroupLink,
  name: string,
): string | undefined =>
  observed.remoteId && observed.name !== name && isMembersOnly(ports, integration)
    ? observed.name
    : undefined;
