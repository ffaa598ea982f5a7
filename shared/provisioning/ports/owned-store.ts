import type { Page, PageOf } from "../../common/cursor.ts";
import type { Conflict } from "../../model/source.ts";
import type { ObjectRef } from "./work-index.ts";

/** `at`: when it was noted last (Unix ms). */
export type OwnedObject = { id: string; at: number };

/**
 * Which objects a source may own: noted **before** the object is saved with that owner. The object itself tells whether
 * it is so; a note that is older than a minute and of an object that says otherwise may go. Strongly consistent.
 */
export type OwnedStore = {
  /** Safe to repeat. */
  note(sourceId: string, object: ObjectRef, at: number): Promise<void>;
  /** Nothing where it was noted again since. */
  forget(sourceId: string, object: ObjectRef, at: number): Promise<void>;
  /** In the order of the ids, which new objects follow. A page costs what it holds. Throws Failure `invalid-cursor`. */
  list(sourceId: string, kind: ObjectRef["kind"], page: Page): Promise<PageOf<OwnedObject>>;
  /**
   * How many are noted. Costs a read of all, so that it is answered again for 5 s, and for as many times as long as there are
   * tens of thousands.
   */
  count(sourceId: string, kind: ObjectRef["kind"]): Promise<number>;
};

/** What sources asked for and could not have: one for each name, for 30 days after it was refused last. */
export type ConflictStore = {
  /** Keep it; that of the same name is replaced, but for `since`. */
  note(sourceId: string, conflict: Conflict): Promise<void>;
  /** In no order that matters, the same in every call. Throws Failure `invalid-cursor`. */
  list(sourceId: string, page: Page): Promise<PageOf<Conflict>>;
};

/**
 * Which groups of a source may wait for a user whom it does not have yet: noted **before** the group is saved so. The group itself
 * tells whether it does. Strongly consistent.
 */
export type WaitingStore = {
  /** Safe to repeat. */
  note(sourceId: string, userIds: readonly string[], groupId: string): Promise<void>;
  groupsOf(sourceId: string, userId: string): Promise<string[]>;
  /** All notes of the source, in pages. Costs what it holds. */
  all(sourceId: string): AsyncIterable<{ userId: string; groupId: string }[]>;
  forget(sourceId: string, userId: string, groupId: string): Promise<void>;
};
