/**
 * Names that are unique within a source: userName and displayName in any case, each externalId to the letter. A `person` is one of
 * the userName, username and address of a user, in any case, and has one item for all sources: `sourceId` is the one that names
 * them.
 */
export type NameKind = "userName" | "displayName" | "user externalId" | "group externalId" | "person";
export type NameKey = { sourceId: string; kind: NameKind; value: string };

/** The object that has the name, or is about to. */
export type NameClaim = {
  objectId: string;
  /** Of the change that took it; every taking has another. */
  claimId: string;
  /** Unix ms. */
  at: number;
};

/**
 * Unique names, an item each. A name is taken **before** the object that is to bear it is saved, and let go after one is
 * saved that no longer does, so that at every moment whatever bears a name has it, whoever dies. A name says nothing by
 * itself: it counts where its object bears it. One whose object does not, a minute after it was taken, is void, since no
 * call lasts that long; it is taken `instead`. Reads are strongly consistent.
 */
export type NameStore = {
  /** Who has the names, in the order of the keys; undefined where nobody does. */
  read(keys: NameKey[]): Promise<(NameClaim | undefined)[]>;
  /**
   * Take the name where nobody has it, or the same object, or exactly the claim `instead` that was seen. Answers who has it
   * then: `mine`, or another. Taken again by the same object it is a new claim.
   */
  claim(key: NameKey, mine: NameClaim, instead?: NameClaim): Promise<NameClaim>;
  /**
   * Nothing where it is another claim. To be called with a claim that was read before the object was saved without the name:
   * whoever gives the object that name anew takes it after that.
   */
  release(key: NameKey, claimId: string): Promise<void>;
};
