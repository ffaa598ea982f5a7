import type { JsonObject } from "./json.ts";

/**
 * The source that an object of the directory belongs to. `name` is its userName or displayName there, whatever the object is
 * called here.
 */
export type Owner = {
  sourceId: string;
  name: string;
  externalId?: string;
  /** Since when the source has it (RFC 3339). */
  since?: string;
  /** What the source said and the directory has no place for, by the path of the attribute; null: it said nothing. */
  said?: JsonObject;
  /** Of a group: members whom the source has named and does not have. They join once they are there. */
  waiting?: string[];
  /** Of a group: how many more there were in the latest request that named too many. They do not join by themselves. */
  dropped?: number;
  /** The source has deleted it. It is nobody's then, and the source's again once that makes the same anew. */
  left?: true;
  /** Given to the source by a call, which has not named the object yet: `name` is what is known of it here. */
  isGiven?: true;
};

/** The owner after a change: null stands for nobody, and undefined leaves the owner as it is. */
export const ownerAfter = (before: Owner | undefined, change: Owner | null | undefined): Owner | undefined =>
  change === undefined ? before : (change ?? undefined);
