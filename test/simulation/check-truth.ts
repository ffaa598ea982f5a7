import { isDeepStrictEqual } from "node:util";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { isOfDirectory } from "./check-directory.ts";
import type { Entry, Snapshot } from "./ledger.ts";
import type { World } from "./world.ts";

/** An event as it was about to be written, with what it is about and how far the ledger was. */
export type Recorded = {
  event: DirectoryInsightsEvent;
  /** The call that wrote it: it may carry on what another had asked for, whose correlation id the event has. */
  caller: string | undefined;
  remoteId: string | undefined;
  /** Accounts of the members that it names, by userId. */
  accounts: Map<string, string | undefined>;
  ledgerLength: number;
};

/**
 * No event says what did not happen: what one tells as done was so at the provider at some moment of the attempt, and
 * none tells a creation as failed whose 201 came back whole.
 */
export const checkTruth = (world: World): string[] => {
  const { memory, recorded } = world;
  return [...memory.events.values()].flatMap(({ event }) => {
    if (isOfDirectory(event)) return [];
    const of = recorded.find((one) => one.event.id === event.id && isDeepStrictEqual(one.event, event));
    if (!of) return [`event ${event.id} was never written by an attempt`];
    const who = `event ${event.event_type} of ${event.correlation.id} about ${event.resource.id}`;
    return untrueIn(world, of).map((problem) => `${who} ${problem}`);
  });
};

const untrueIn = (world: World, of: Recorded): string[] => {
  const { event } = of;
  // What the provider's own answer leaves in doubt is told as such.
  if (event.message_chain.message_details.some((detail) => /unconfirmed/i.test(detail))) return [];
  const states = statesDuring(world, of);
  return [
    ...(event.success ? untrueSuccess(world, of, states) : untrueFailure(world, of)),
    ...untrueMembers(world, of, states),
  ];
};

/** How the provider was at each moment from the attempt's beginning to its event. */
const statesDuring = ({ ledger, first }: World, { event, ledgerLength }: Recorded): Snapshot[] => {
  const began = Date.parse(event.timestamp);
  const until = ledger.slice(0, ledgerLength);
  // Clocks differ by less than a second.
  const before = until.findLastIndex(({ time }) => time < began - 1_000);
  return [
    before < 0 ? first : (until[before] as Entry).after,
    ...until.slice(before + 1).map((one) => one.after),
  ];
};

const untrueSuccess = ({ target }: World, { event, remoteId }: Recorded, states: Snapshot[]): string[] => {
  const isSo = (test: (state: Snapshot) => boolean, problem: string) => (states.some(test) ? [] : [problem]);
  const accountIn = ({ users }: Snapshot) => (remoteId === undefined ? undefined : users.get(remoteId));
  switch (event.event_type) {
    case "user_create_provision": {
      const userName = String(event.changes.find(({ field }) => field === "userName")?.to).toLowerCase();
      return isSo(
        ({ users }) => [...users.values()].some((user) => user.userName.toLowerCase() === userName),
        "tells a creation, and there is no such account",
      );
    }
    case "user_deprovision":
      return isSo(
        (state) => accountIn(state)?.active !== true,
        "tells an end of access, and the account is open",
      );
    case "user_delete_provision":
      return isSo((state) => {
        const account = accountIn(state);
        return !account || (target.concessions.deleteDeactivates === true && !account.active);
      }, "tells a deletion, and the account is there");
    case "user_update_provision": {
      const active = event.changes.find(({ field }) => field === "active")?.to;
      if (typeof active !== "boolean" || remoteId === undefined) return [];
      return isSo(
        (state) => accountIn(state)?.active === active,
        `tells active: ${active}, and it never was`,
      );
    }
    case "group_create_provision":
      return isSo(
        ({ groups }) => [...groups.values()].some(({ displayName }) => displayName === event.resource.name),
        "tells a group's creation, and there is no such group",
      );
    case "group_delete_provision":
      return isSo(
        ({ groups }) => remoteId === undefined || !groups.has(remoteId),
        "tells a group's end, and it is there",
      );
    default:
      return [];
  }
};

const untrueFailure = ({ ledger }: World, { event, ledgerLength }: Recorded): string[] => {
  const { event_type, correlation, changes, error_message = "" } = event;
  // A process that was stopped knew the answer, and whoever records its attempt could ask nobody.
  if (event_type !== "user_create_provision" || error_message.includes("outcome unknown")) return [];
  const userName = String(changes.find(({ field }) => field === "userName")?.to);
  const isCreated = ledger
    .slice(0, ledgerLength)
    .some(
      ({ caller, method, path, body, status, hasId, isDelivered }) =>
        caller === correlation.id &&
        method === "POST" &&
        path === "/Users" &&
        status === 201 &&
        isDelivered &&
        hasId &&
        (JSON.parse(body) as { userName?: unknown }).userName === userName,
    );
  return isCreated ? ["tells a failure, and the provider answered 201"] : [];
};

const untrueMembers = (
  { target }: World,
  { event, remoteId, accounts }: Recorded,
  states: Snapshot[],
): string[] => {
  if (remoteId === undefined || target.concessions.leaversMayStay) return [];
  const isIn = (userId: string) => (state: Snapshot) =>
    state.groups.get(remoteId)?.members.includes(accounts.get(userId) ?? "") === true;
  // Who was deleted just before is left out by some without a word, and not shown by others.
  const isThere = (userId: string) => states.every(({ users }) => users.has(accounts.get(userId) ?? ""));
  const added = (event.members_added ?? []).filter((userId) => isThere(userId) && !states.some(isIn(userId)));
  const mayStay = (userId: string) =>
    target.concessions.deletedStayMembers === true &&
    states.some(({ users }) => users.get(accounts.get(userId) ?? "")?.active !== true);
  const removed = (event.members_removed ?? []).filter(
    (userId) => accounts.get(userId) && states.every(isIn(userId)) && !mayStay(userId),
  );
  return [
    ...added.map((userId) => `tells that ${userId} was added, who never was in the group`),
    ...removed.map((userId) => `tells that ${userId} was removed, who never left the group`),
  ];
};
