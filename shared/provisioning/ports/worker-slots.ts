/** A place at one integration, which one worker has. */
export type Slot = {
  /**
   * From now on a wake-up starts a worker again. Whether this one is to look once more: what was marked until now shows
   * in the index then.
   */
  lastLook(): Promise<boolean>;
  release(): Promise<void>;
};

/** At one integration work no more than a few workers at a time. */
export type WorkerSlots = {
  /** Undefined where all are taken. Should its holder die, the slot is free again at `until` (Unix ms). */
  take(integrationId: string, until: number): Promise<Slot | undefined>;
};
