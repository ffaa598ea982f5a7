import type { SavedGroup } from "../model/directory.ts";
import { type GroupLink, remoteIdAt } from "../model/link.ts";
import type { GroupState } from "../provisioning/memberships/group-state.ts";
import type { IntegrationContext } from "../provisioning/ports/ports.ts";

export type BoundThere = { saved: SavedGroup; link: GroupLink };

/** The group, where it is bound and somewhere at the service provider, and nobody works on it. */
export const boundThere = (
  { integration }: IntegrationContext,
  { saved, link }: GroupState,
): BoundThere | undefined =>
  saved &&
  !saved.deleted &&
  link.assignment.bound &&
  !link.attempt &&
  remoteIdAt(integration, link.observed) !== undefined
    ? { saved, link }
    : undefined;
