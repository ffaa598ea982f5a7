import type { GroupLink } from "../../model/link.ts";
import type { ExistingWish } from "../../model/work.ts";

/** What the first bind of the group was asked to do with people who are in it there, where it is still to be carried out. */
export const waitingBind = ({ assignment, observed, attempt }: GroupLink): ExistingWish | undefined => {
  const { bound, existing } = assignment;
  if (!bound || !existing || attempt || observed.remoteId !== undefined) return undefined;
  return (observed.lastSuccessAt ?? "") < existing.at ? existing : undefined;
};
