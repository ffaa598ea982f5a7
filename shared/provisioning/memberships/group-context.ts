import type { SavedGroup } from "../../model/directory.ts";
import type { Change, EventType } from "../../model/event.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, GroupObserved, PushedMember } from "../../model/link.ts";
import type { Action } from "../../model/receipt.ts";
import type { Mark, Note, Worked } from "../attempts/run-attempt.ts";
import type { Call, Ports } from "../ports/ports.ts";
import type { ProviderFailure, ServiceProvider } from "../ports/service-provider.ts";

export type GroupContext = {
  ports: Ports;
  call: Call;
  integration: Integration;
  provider: ServiceProvider;
  link: GroupLink;
  saved: SavedGroup;
  attempt: { attemptId: string; startedAt: string };
  mark: Mark;
  note: Note<GroupObserved>;
};
/** What one attempt is to push: members by user and remote id. */
export type GroupPush = { join: JoiningMember[]; leave: PushedMember[] };
/** `isUncertain`: may be in the group already; `isUntold`: no event tells that it was added. */
export type JoiningMember = { userId: string; remoteId: string; isUncertain?: true; isUntold?: true };
export type GroupOutcome = Worked<GroupObserved> & {
  does?: Action;
  /** The failure is dealt with by planning once more. */
  again?: true;
  /** The time of the call was over before all was sent. */
  unfinished?: true;
  /** Members left out since their account is gone; the next call makes it anew. */
  lost?: string[];
  /** Members whom the provider shows as not added or not removed, whatever it answered. */
  unconfirmed?: string[];
};

/** What an attempt has come to so far. */
export type Progress = {
  eventType: EventType;
  changes: Change[];
  does: Action;
  notes: string[];
  added: string[];
  removed: string[];
  lost: string[];
  unconfirmed: string[];
  /** Why those in doubt could not be looked for; they are left out, and the attempt fails once all else is done. */
  unread?: ProviderFailure;
  observed: GroupObserved;
};
