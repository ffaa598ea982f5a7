import { Failure } from "../../model/failure.ts";
import type { GroupLink } from "../../model/link.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import type { GroupFacts } from "./plan-members.ts";

/** Whether groups are made, named and deleted at the service provider alone, so that only their members are ours. */
export const isMembersOnly = ({ ports, integration }: IntegrationContext): boolean =>
  ports.profileOf(integration).groups === "members-only";

/** Where a group cannot be made, it has to be there. */
export const groupMissing = (name: string): Failure =>
  new Failure(
    "provider-rejected",
    `The service provider has no group named ${name}, and groups cannot be made there by SCIM. Make it there under this very name and repeat the call.`,
  );

/** @throws Failure `groups-disabled` where the service provider deletes no groups */
export const requireDeletion = (context: IntegrationContext): void => {
  const { integration } = context;
  if (!isMembersOnly(context)) return;
  throw new Failure(
    "groups-disabled",
    `The service provider of integration ${integration.integrationId} deletes no groups by SCIM. Unbind the group without action=delete, and delete it there.`,
  );
};

/** What decides how its members are planned. */
export const groupFacts = (
  { ports, integration }: IntegrationContext,
  { observed }: GroupLink,
): GroupFacts => {
  const { readsMembers, readsMarkManaged } = ports.profileOf(integration);
  return {
    hasOthers: observed.hasOthers === true,
    showsMembers: readsMembers && !readsMarkManaged,
  };
};

/** Whether the group has a name of its own there, which we cannot change. Undefined where it has ours. */
export const foreignName = (
  context: IntegrationContext,
  { observed }: GroupLink,
  name: string,
): string | undefined =>
  observed.remoteId && observed.name !== name && isMembersOnly(context) ? observed.name : undefined;
