import type { Conflict } from "../model/source.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** Keep what the source could not have, for an admin to see. It throws nothing: the source is told in any case. */
export const noteConflict = async (
  { conflicts, clock }: Pick<Ports, "conflicts" | "clock">,
  sourceId: string,
  conflict: Omit<Conflict, "at" | "since">,
): Promise<void> => {
  const at = new Date(clock.now()).toISOString();
  await conflicts.note(sourceId, { ...conflict, since: at, at }).catch(() => undefined);
};
