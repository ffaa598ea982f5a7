/** Who lost something in the five minutes from `at` (Unix ms) on, by short hashes of their ids; nobody twice. */
export type GuardBucket = { at: number; accounts: string[]; groups: string[] };

/** What one integration lost lately. */
export type GuardCount = {
  buckets: GuardBucket[];
  /** How many accounts were open there at `at` (Unix ms): just as many where `isAll`, else at least. */
  open?: { count: number; isAll: boolean; at: number };
};

/** The counts of the guard against mass removal, one item for each integration. Reads are strongly consistent. */
export type GuardStore = {
  /** `rev` grows with every save; 0 and no buckets where nothing was lost lately. */
  read(integrationId: string): Promise<GuardCount & { rev: number }>;
  /** Save, if the item is still at `rev`. False where it moved, or may have been saved by this very call: read again. */
  save(integrationId: string, rev: number, count: GuardCount): Promise<boolean>;
};
