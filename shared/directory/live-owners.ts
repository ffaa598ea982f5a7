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

const shownWaiting = 20;

type Waiting = { total: number; userIds: string[]; dropped?: number };
type Shown = { sourceId: string; externalId?: string; waiting?: Waiting };

/** As an answer shows it: `as` is what the source calls the name. Of the members who wait, the first 20. */
export const ownerView = <N extends "userName" | "displayName">(
  { sourceId, name, externalId, waiting = [], dropped }: Owner,
  as: N,
): { source: Shown & Record<N, string> } => ({
  source: {
    sourceId,
    ...({ [as]: name } as Record<N, string>),
    ...(externalId !== undefined && { externalId }),
    ...((waiting.length > 0 || dropped !== undefined) && {
      waiting: {
        total: waiting.length,
        userIds: waiting.slice(0, shownWaiting),
        ...(dropped !== undefined && { dropped }),
      },
    }),
  },
});
