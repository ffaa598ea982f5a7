import type { Asked } from "./asked.ts";
import type { Actor, Change, DirectoryEventType } from "./event.ts";
import type { Changed } from "./work.ts";

/**
 * The change of a directory object whose event may not be on record yet, kept with the object by the very write that
 * changed it. Who asked, when and why is the object's `asked`, which is of the same change.
 */
export type Unrecorded = {
  /** UUID version 7 of the moment of the change: the event has it as its id, however often it is put. */
  eventId: string;
  type: DirectoryEventType;
  /** Fields before and after, fit for an event. Absent of a user who is new: all that is saved of them is new. */
  changes?: Change[];
  /** Who joined and who left the group. Known to the change alone: read again, a group tells it by its versions. */
  members?: { added: string[]; removed: string[] };
  /** So many references of its members are written, where that took longer than a call. */
  referenced?: number;
} & Pick<Actor, "authMethod" | "clientIp" | "userAgent">;

/** A change came after version `after`, at this time (Unix ms). `closes`: it took a user's access away. */
export type ChangeTime = { after: number; at: number; closes?: true };

/** A change of a group that goes on by itself and does not count yet: so many of its members are written. */
export type Saving = { done: number; total: number; correlationId?: string };

/** Of the latest changes that are kept with an object, for those that serve several at once. */
export const recentKept = 6;

/** What is kept of the latest changes with a user or group. */
export type Trace = {
  /** Of the latest change. */
  asked?: Asked;
  unrecorded?: Unrecorded;
  /** The latest changes, oldest first. */
  recent?: ChangeTime[];
  /** Until the latest change has reached every link. */
  changed?: Changed;
};

/** The trace alone, without what is absent. */
export const traceOf = ({ asked, unrecorded, recent, changed }: Trace): Trace => ({
  ...(asked && { asked }),
  ...(unrecorded && { unrecorded }),
  ...(recent && { recent }),
  ...(changed && { changed }),
});
