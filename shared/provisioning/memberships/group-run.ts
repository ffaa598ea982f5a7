import type { Failure } from "../../model/failure.ts";
import type { Action } from "../../model/receipt.ts";
import type { Progress } from "./group-context.ts";
import type { GroupLook } from "./group-look.ts";
import type { GroupState } from "./group-state.ts";

/** What a call for a group has come to so far, over all its rounds. Users by id. */
export type GroupRun = {
  does?: Action | undefined;
  eventIds: string[];
  added: Set<string>;
  removed: Set<string>;
  /** Those who left were sent ahead of the others, which failed: they go along with the others now. */
  hasTriedLeavers?: true;
  /** Members who cannot be pushed as things are: staged, suspended, taken out. */
  waiting: string[];
  /** Users whom the same call again may provision or let go of: it failed, or the time was over. */
  unfinished: string[];
  /** Users who are pushed, or let go of, and whose account could not be changed as it should be. */
  outdated: string[];
  /**
   * Why the account of a user could not be made or changed, by user id. What the provider has refused is not tried again by
   * this call.
   */
  failures: Map<string, Failure>;
  /** Users whom the provider shows as not added or not removed: the group is unconfirmed, and the next call sends them. */
  unconfirmed: string[];
  /** Users whom the call has held for the group, as members of it at this version of the group. */
  held: Set<string>;
  heldAt?: number;
  /** Members who left, whom the guard keeps in, each with the hold. */
  heldBack: { userId: string; groupId?: string | undefined; holdId: string }[];
  /**
   * Users whose account the guard lets go, or be closed, with the group. Of all others it is asked once nothing holds them;
   * undefined: all go.
   */
  letGo?: ReadonlySet<string> | undefined;
  /** The call asks for all to be let go of: no grace that came of something else keeps them. */
  isEnding?: true;
  /** Why the call ended, where that is not obvious. */
  reason?: string;
  /** Those of `unfinished` who were taken out, and whose earlier addition may be carried out yet. */
  mayReturn: string[];
  /** What was seen of the group before the first bind, until an attempt goes on from it. */
  look?: GroupLook | undefined;
  /** How many people the first bind may take out of a group that is there already. */
  mayTakeOut?: number | undefined;
  /** How it leaves things, where that is known. */
  now?: GroupState;
};

export const newGroupRun = (): GroupRun => ({
  eventIds: [],
  added: new Set(),
  removed: new Set(),
  waiting: [],
  unfinished: [],
  outdated: [],
  failures: new Map(),
  unconfirmed: [],
  mayReturn: [],
  held: new Set(),
  heldBack: [],
});

/** Each round looks at all users anew, but for what was refused. */
export const beginRound = (run: GroupRun): void => {
  const failures = new Map([...run.failures].filter(([userId]) => isRefused(run, userId)));
  Object.assign(run, { waiting: [], unfinished: [], outdated: [], failures, unconfirmed: [], mayReturn: [] });
};

/** Whether the provider has refused this call to make or change the user's account. */
export const isRefused = ({ failures }: Pick<GroupRun, "failures">, userId: string): boolean =>
  failures.get(userId)?.code === "provider-rejected";

/** An attempt has ended: what it did. */
export const addAttempt = (run: GroupRun, progress: Progress): void => {
  const { does, added, removed, lost, mayReturn, unconfirmed } = progress;
  if (does && run.does !== "created" && run.does !== "adopted") run.does = does;
  for (const userId of added) run.added.add(userId);
  for (const userId of removed) run.removed.add(userId);
  run.unfinished.push(...lost, ...mayReturn);
  run.mayReturn.push(...mayReturn);
  const open = [...unconfirmed.add, ...unconfirmed.remove];
  run.unconfirmed.push(...open);
  run.waiting.push(...open);
};
