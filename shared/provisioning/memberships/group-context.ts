import type { Intent, LastAnswer } from "../../model/attempt.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { AttemptEventType, Change } from "../../model/event.ts";
import type { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import type { Action } from "../../model/receipt.ts";
import type { Mark, Note } from "../attempts/run-attempt.ts";
import type { Call, Ports } from "../ports/ports.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import type { MemberPlan } from "./plan-members.ts";
import type { OpenMembers } from "./unconfirmed-group.ts";

export type GroupContext = {
  ports: Ports;
  call: Call;
  integration: Integration;
  provider: ServiceProvider;
  link: GroupLink;
  saved: SavedGroup;
  attempt: Intent;
  mark: Mark;
  note: Note<GroupObserved>;
  /** How many people the first bind may take out of a group that is there already. */
  mayTakeOut?: number | undefined;
};
/** What one attempt is to push. */
export type GroupPush = Pick<MemberPlan, "join" | "leave"> &
  Partial<Pick<MemberPlan, "verify">> & {
    /** Nothing is left to do for this version of the group after it, so that its end can note the version. */
    isAll?: boolean;
    /** All who are in the group, or may be, have been looked at, and those who cannot be pushed yet are on record. */
    isWhole?: boolean;
    /** The members alone; the name is left to the next attempt. */
    isWithoutName?: boolean;
  };

/** A change of the members of a group that was created just before. */
export type AfterCreation = { failure: Failure; notes: string[]; push: GroupPush };

/** What an attempt has come to so far. Users by id. */
export type Progress = {
  eventType: AttemptEventType;
  changes: Change[];
  /** Nothing where it failed. */
  does: Action | undefined;
  notes: string[];
  added: string[];
  removed: string[];
  /** Members left out since their account is gone; the next call makes it anew. */
  lost: string[];
  /**
   * Members who were taken out, and whose earlier addition may be carried out yet: the next call takes them out once
   * more.
   */
  mayReturn: string[];
  /** Whose change was sent. */
  sent: Set<string>;
  unconfirmed: OpenMembers;
  /** Why uncertain members could not be looked for. They are left out, and the attempt fails once all else is done. */
  unread?: ProviderFailure;
  observed: GroupObserved;
  /** The group was created: what the provider answered, and the notes until then. */
  created?: { answer: LastAnswer; notes: string[] };
  /** What failed once the group was created. */
  afterCreation?: AfterCreation;
  /** The failure is dealt with by planning once more, or the time was over before all was sent. */
  next?: "again" | "out-of-time";
};

export const newProgress = ({ observed }: GroupLink): Progress => ({
  eventType: observed.remoteId ? "group_update_provision" : "group_create_provision",
  changes: [],
  does: "updated",
  notes: [],
  added: [],
  removed: [],
  lost: [],
  mayReturn: [],
  sent: new Set(),
  unconfirmed: { add: [], remove: [] },
  observed,
});
