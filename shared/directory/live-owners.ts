import type { Owner } from "../model/owner.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** Tells of each owner whether it is there still: one that is gone is nobody, as is one who has deleted the
 * object. Reads each source once. */
export const liveOwners = async (
  { sources }: Pick<Ports, "sources">,
  owners: readonly (Owner | undefined)[],
): Promise<(owner: Owner | undefined) => owner is Owner> => {
  const sourceIds = [...new Set(owners.flatMap((owner) => (owner ? [owner.sourceId] : [])))];
  const read = await Promise.all(sourceIds.map((sourceId) => sources.read(sourceId)));
  const live = new Set(read.flatMap((source) => (source && !source.deleted ? [source.sourceId] : [])));
  return (owner): owner is Owner => owner !== undefined && !owner.left && live.has(owner.sourceId);
};

/** As an answer shows it: `as` is what the source calls the name. */
export const ownerView = <N extends "userName" | "displayName">(
  { sourceId, name, externalId }: Owner,
  as: N,
): { source: { sourceId: string; externalId?: string } & Record<N, string> } => ({
  source: {
    sourceId,
    ...({ [as]: name } as Record<N, string>),
    ...(externalId !== undefined && { externalId }),
  },
});
