/** What an object waits for: the partitions of the index of work. */
export const waitingStates = ["pending", "retrying", "unconfirmed", "failed", "held"] as const;
export type WaitingState = (typeof waitingStates)[number];
/**
 * `in_sync`: what is wanted was sent, and the object is looked at again at its time. It waits for nobody's work, so it is no
 * state of those that wait, and neither counted nor listed among them.
 */
export type WorkState = WaitingState | "in_sync" | LeftState;

/**
 * How the account of a user who is to have no access stands that is open, or may be, and that nobody closes by itself: nobody
 * ever held the user, or the policy leaves the account as it is. A person has to see to it: no worker does.
 */
export const leftStates = ["unmanaged", "deprovisioned"] as const;
export type LeftState = (typeof leftStates)[number];
export const isLeftState = (state: string): state is LeftState => leftStates.some((one) => one === state);

/**
 * The mark of a link at which something is still to be done. It is an attribute of the very item, and the key of the
 * sparse index of work, so no message and no memory is ever the only record of it.
 */
export type Work = {
  state: WorkState;
  /** 0: access has to end, which goes before everything else. 1: all else. */
  urgency: 0 | 1;
  /** Unix ms: when it is to be looked at. One that is held is not looked at by itself. */
  at: number;
  /** Unix ms: since when it is so; of a removal, when it was asked for. */
  since: number;
  /** Unix ms: when the mark was written. What was marked before a provider came back is due again. */
  setAt: number;
  /** The hold that keeps it or, of one that is not `held`, that kept something of it: what is in it may still be there. */
  holdId?: string;
  /** The account of one whom nothing holds any longer is kept until then, by `policies.unassignedGrace`. */
  isGrace?: true;
};

/** The state that is shown of an object: what is held has nothing else to wait for, also where it failed before that. */
export const shownState = <S extends string>(
  { work, attempt }: { work?: Work; attempt?: unknown },
  state: S,
): { state: S | "held"; holdId?: string } =>
  work?.state === "held" && !attempt && waitingStates.some((one) => one === state)
    ? { state: "held", ...(work.holdId && { holdId: work.holdId }) }
    : { state };
/** How a link may rest at which nothing is to be done, other than in step. */
export const restingStates = ["skipped", "deprovisioned", "deleted", "unmanaged"] as const;
export type RestingState = (typeof restingStates)[number];

/** In place of the mark of work: how the link rests, so that those who rest can be counted. */
export type Rest = { rest: RestingState };

export const isWork = (mark: Work | Rest | null | undefined): mark is Work => !!mark && !("rest" in mark);

/** Null where it is in step. */
export const restOf = (state: string): Rest | null => {
  const rest = restingStates.find((one) => one === state);
  return rest ? { rest } : null;
};

/** The mark, unless nothing is to be done before its time. */
export const openWork = (work: Work | undefined): Work | undefined =>
  work?.state === "in_sync" ? undefined : work;

/**
 * Since when it is so: `asked`, unless the link was marked before with the same urgency. A mark that access has to end says
 * nothing of what else was to be done, nor the other way round.
 */
export const sinceOf = (before: Work | undefined, urgency: Work["urgency"], asked: number): number =>
  openWork(before)?.urgency === urgency ? Math.min(before?.since ?? asked, asked) : asked;

/**
 * The mark of a directory object whose latest change has not reached all its links yet. It goes with the very write of
 * the change, and is cleared under the version that was dispatched alone.
 */
export type Changed = {
  /** Unix ms: when it is to be dispatched, at the latest. */
  at: number;
  /** Unix ms: the earliest change that it stands for. */
  since: number;
  /** The change ends access. */
  isUrgent?: true;
  /** A call carries the change out itself, in this integration or in all, until then (Unix ms). */
  carriedOut?: { integrationId?: string; until: number };
  /** Of changes of a group that took longer than their calls: what these would have done next. */
  next?: AfterChange[];
};

/**
 * What the bind that was asked for at `at` (RFC 3339) is to do with people who are in a group of the name there already, and are
 * no members here: make them members, or take out just so many. `version`: that of the directory group then. Whoever was taken out of
 * it later is not made a member again.
 */
export type ExistingWish = { at: string; version?: number } & (
  | { how: "keep" }
  | { how: "replace"; confirm: number }
);

/** That the group is bound to the integration, unless it was unbound since `at` (RFC 3339); that who leaves it was confirmed. */
export type AfterChange = {
  integrationId: string;
  at: string;
  binds?: true;
  existing?: ExistingWish;
  isConfirmed?: true;
};
