import type { Profile } from "../model/profile.ts";
import { type KnownMembers, ProviderFailure } from "../provisioning/ports/service-provider.ts";
import type { Call } from "./call.ts";
import { type MemberChange, memberPatch, sizeOf, splitMembers } from "./patch.ts";
import { patchOrPut, type Way } from "./patch-or-put.ts";
import { resourcePath } from "./paths.ts";
import { putMembers } from "./put-merged.ts";
import {
  findsNobody,
  mayBeOneMembers,
  openRefusedChunks,
  type ReadGroup,
  type Told,
} from "./refused-chunk.ts";
import { sendPatch } from "./send-patch.ts";
import { openSentMembers } from "./sent-members.ts";
import { lookAtMembers, openEmptyLists, type Shown } from "./shown-members.ts";
import type { HttpAnswer } from "./transport.ts";
import { contradicted, membersIn } from "./unconfirmed.ts";

/** The group whose members change, and how to see and tell how far that has come. */
type Group = {
  call: Call;
  profile: Profile;
  way: Way;
  id: string;
  done: Told["done"];
  known: KnownMembers | undefined;
  readGroup: ReadGroup;
};
/** `judge` leaves out an empty list that tells nothing. */
type Changing = Group & { judge: (shown: Shown) => Promise<Shown> };

/**
 * Send a difference of members in chunks of the profile's limit, one after the other. A chunk that is too large (413)
 * is halved, and so are the ones behind it. A removal that finds nobody (400 noTarget, RFC 7644 §3.5.2.2) has reached
 * its end; inside a chunk it is found by halving, since a PATCH is applied as a whole or not at all, as is a member for
 * whom some providers refuse the chunk. Whoever the last answer shows as not taken is `unconfirmed`; an empty list is
 * read again, since an answer may leave out what a read shows.
 */
export const changeMembers = async (
  { done: tell, ...rest }: Group,
  difference: MemberChange,
  isLost: Told["isLost"],
): Promise<void> => {
  const done = openSentMembers(tell);
  const group = { ...rest, done, judge: openEmptyLists(rest, difference) };
  const { profile } = group;
  let last: Shown = {};
  const insteadOf = openRefusedChunks({ done, isLost }, group.readGroup);
  let size = profile.maxMembersPerOperation;
  const queue = [difference];

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [chunk, others] = splitMembers(next, size);
    if (sizeOf(chunk) === 0) continue;

    const { left, problem, shown = {} } = await attempt(group, chunk);
    const length = sizeOf(left);
    if (problem === undefined || (length === 1 && findsNobody(left, problem))) {
      if (length > 0) await done({ ...nothing, added: left.add, removed: left.remove }, shown.members);
      if (shown.members) last = shown;
      queue.unshift(others);
    } else if (problem.status === 413 && length > 1) {
      size = Math.ceil(length / 2);
      queue.unshift(left, others);
    } else {
      queue.unshift(...(await insteadOf(left, problem).catch(doubting(group, left))), others);
    }
  }
  const seen = await readAfter(group, last);
  if (seen.length > 0) await done(nothing, seen);
};

/** An answer may show an empty list where a read shows the members. */
const readAfter = async ({ profile, readGroup }: Group, last: Shown): Promise<string[]> => {
  if (last.members?.length !== 0 || last.isRead || profile.readsMarkManaged) return [];
  return (await lookAtMembers(readGroup)) ?? [];
};

const nothing = { added: [], removed: [], unconfirmed: [], doubtful: [] };

/** A PUT holds all members: it would take out those that a read does not show. */
export const takesWholeGroups = ({ replaceMembers, readsMembers }: Profile): boolean =>
  replaceMembers && readsMembers;

/**
 * Whom the answer shows; or the failure, where a smaller chunk may help. After an answer that leaves the outcome
 * open the members are read where they are shown, and only what is missing is sent, since some servers double a member
 * that is added again; where they are hidden the chunk is repeated. `left` is what this attempt has not found there.
 */
const attempt = async (
  group: Changing,
  chunk: MemberChange,
): Promise<{ left: MemberChange; problem?: ProviderFailure; shown?: Shown }> => {
  const { call, profile, way, id, known, judge } = group;
  const path = resourcePath("Groups", id);
  const isChecked = profile.readsMembers && chunk.add.length > 0;
  let left = chunk;
  let isSeen = true;
  const look = async (): Promise<boolean> => {
    const rest = await takeApplied(group, left);
    isSeen = rest !== undefined;
    left = rest ?? left;
    return isSeen;
  };
  const bodyOf = (change: MemberChange) => memberPatch(change, profile.memberRemoveStyle);
  const again = async () => {
    if (!(await look())) return undefined;
    return sizeOf(left) === 0 ? { value: {} } : { body: bodyOf(left) };
  };
  try {
    const read = (answer: HttpAnswer): Shown => ({ members: membersIn(answer, id) });
    const checks = isChecked ? { again } : {};
    const isPut = takesWholeGroups(profile);
    const patch = async () =>
      judge(
        await sendPatch(
          call,
          "Groups",
          id,
          () => ({ body: bodyOf(left), read, ...checks }),
          isPut && profile.etag,
        ),
      );
    // Servers that know no PUT of members answer 200 to it as well, and so a PUT is held against what a read shows.
    const put = async () => {
      const shown = await putMembers(call, path, profile, left, read, known);
      if (shown.members && shown.members.length > 0) return shown;
      return judge({ members: (await lookAtMembers(group.readGroup)) ?? shown.members, isRead: true });
    };
    const isIgnored = ({ members }: Shown) => members !== undefined && contradicted(members, left).length > 0;
    const shown = await (isPut ? patchOrPut(way, patch, put, isIgnored) : patch());
    // A repeat may have found some of them there: what is left is known only now.
    return { left, shown };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.status === 413 || findsNobody(left, error) || mayBeOneMembers(error))
      return { left, problem: error };
    // The last of the tries may have been applied as well.
    if (isChecked && error.maybeApplied && isSeen) await look();
    if (sizeOf(left) === 0) return { left };
    return doubting(group, left)(error);
  }
};

/**
 * What of the change is still to be sent, where that can be seen; what took effect is told to `done`. A group that
 * shows nobody may hide its members.
 */
const takeApplied = async (
  { done, readGroup }: Group,
  change: MemberChange,
): Promise<MemberChange | undefined> => {
  const members = await lookAtMembers(readGroup);
  if (members === undefined || members.length === 0) return members && change;
  const shown = new Set(members);
  const isThere = (one: string) => shown.has(one);
  const isGone = (one: string) => !shown.has(one);
  const added = change.add.filter(isThere);
  const removed = change.remove.filter(isGone);
  if (added.length + removed.length > 0) await done({ added, removed, unconfirmed: [], doubtful: [] });
  return { add: change.add.filter(isGone), remove: change.remove.filter(isThere) };
};

/** Throws the failure, once it is told of whom nobody knows whether the change was applied to them. */
const doubting =
  ({ done }: Group, { add, remove }: MemberChange) =>
  async (error: unknown): Promise<never> => {
    if (error instanceof ProviderFailure && error.maybeApplied)
      await done({ added: [], removed: [], unconfirmed: [], doubtful: [...remove, ...add] });
    throw error;
  };
