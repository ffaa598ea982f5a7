import { isDeepStrictEqual } from "node:util";
import type { SavedUser } from "../../model/directory.ts";
import type { Failure } from "../../model/failure.ts";
import { remoteIdAt, type UserAssignment, type UserLink } from "../../model/link.ts";
import { openWork } from "../../model/work.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { isSuperseded } from "../attempts/provider-failure.ts";
import { waitForLease } from "../attempts/wait-for-lease.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { settleUserAttempt } from "./settle-user-attempt.ts";
import { readUserState, type UserState } from "./user-state.ts";

/** What a call brings along. */
export type UserStart = {
  /** The state read just before, which saves the first read: an attempt begins on the link's revision alone. */
  known?: UserState;
  /** A change of the assignment that is still to be written: with the intent where something is sent, else alone. */
  assign?: (now: UserAssignment) => UserAssignment;
};

/** The state to plan from. `link` has the assignment as it is to be; `toAssign` is that, where it is not written yet. */
export type UserRound = UserState & { toAssign?: UserAssignment; managerRemoteId?: string };

/** A user's state from one plan of a call to the next, read no more often than needed. */
export const openUserRounds = (context: Context, userId: string, { known, assign }: UserStart) => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const findManager = rememberManager(context);
  let state = known;
  let change = assign;

  const assignTo = async (now: UserState): Promise<UserState> => {
    if (!change) return now;
    const link = await updateUserAssignment(ports, { integrationId, id: userId }, change, now.link);
    change = undefined;
    // A change of the user that came before this was on record has found nothing to do at this link.
    return { ...now, link, isOrdered: false };
  };
  const read = async (): Promise<UserState> => {
    const now = state ?? (await readUserState(ports, integrationId, userId));
    state = undefined;
    // A call that has to wait may be turned away: what was asked for is then on record.
    return now.link.attempt ? await assignTo(now) : now;
  };

  let last: UserState | undefined;
  return {
    /** The state once nobody holds the link. */
    async next(): Promise<UserRound> {
      last = await waitForLease(context, ports.userLinks, read, (held) =>
        settleUserAttempt(ports, call, held),
      );
      const managerRemoteId = await findManager(last.saved);
      const manager = managerRemoteId === undefined ? {} : { managerRemoteId };
      const toAssign = change?.(last.link.assignment);
      const isWritten = last.link.rev > 0 && isDeepStrictEqual(toAssign, last.link.assignment);
      if (!toAssign || isWritten) return { ...last, ...manager };
      return { ...last, ...manager, link: { ...last.link, assignment: toAssign }, toAssign };
    },
    /** Write the assignment alone; the next state is the last one with it. */
    async assign(): Promise<void> {
      if (last) state = await assignTo(last);
    },
    /**
     * An attempt has begun, and has ended with this link: the user need not be read again, since a call that has
     * saved them meanwhile has not come to the link yet, and goes on from it. Without a link, or where the attempt was
     * superseded, others have written to it; and what is still to be done may be a later change.
     */
    goOnFrom({ link, failure }: { link?: UserLink; failure?: Failure }): void {
      change = undefined;
      const isLast = link && !openWork(link.work) && !isSuperseded(failure);
      state = isLast && last ? { saved: last.saved, link, isOrdered: true } : undefined;
    },
  };
};

/** The account of a user's manager, read once for each state of the user. */
const rememberManager = ({ ports, integration }: IntegrationContext) => {
  const { integrationId } = integration;
  let last: { of: SavedUser; remoteId: string | undefined } | undefined;
  return async (saved: SavedUser | undefined): Promise<string | undefined> => {
    if (!saved?.user.manager) return undefined;
    if (last?.of !== saved) {
      const link = await ports.userLinks.read({ integrationId, id: saved.user.manager });
      last = { of: saved, remoteId: link && remoteIdAt(integration, link.observed) };
    }
    return last.remoteId;
  };
};
