import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/service-provider.ts";
import type { Call } from "./call.ts";
import { type MemberChange, memberPatch, sizeOf, splitMembers } from "./patch.ts";
import { patchOrPut, type Way } from "./patch-or-put.ts";
import { resourcePath } from "./paths.ts";
import { type KnownMembers, putMembers } from "./put-merged.ts";
import {
  findsNobody,
  mayBeOneMembers,
  openRefusedChunks,
  type ReadGroup,
  type Told,
} from "./refused-chunk.ts";
import { sendPatch } from "./send-patch.ts";
import { type CertainMembers, isCut, isWhole } from "./shown-members.ts";
import type { HttpAnswer } from "./transport.ts";
import { shownMembersIn, unconfirmedMembersIn } from "./unconfirmed.ts";

/** The group whose members change, and how to see and tell how far that has come. */
type Group = {
  call: Call;
  profile: Profile;
  way: Way;
  id: string;
  done: Told["done"];
  known: KnownMembers;
  certain: CertainMembers;
  readGroup: ReadGroup;
};

/** What is to be sent. `isOpen`: it was sent before, in a larger chunk, and nobody knows whether that was applied. */
type Piece = MemberChange & { isOpen?: boolean | undefined };

/**
 * Send a difference of members in chunks of the profile's limit, one after the other. A chunk that is too large (413)
 * is halved, and so are the ones behind it. A removal that finds nobody (400 noTarget, RFC 7644 §3.5.2.2) has reached
 * its end; inside a chunk it is found by halving, since a PATCH is applied as a whole or not at all, as is a member for
 * whom some providers refuse the chunk. One who is refused alone is the failure once all others were sent.
 */
export const changeMembers = async (
  group: Group,
  difference: MemberChange,
  isLost: Told["isLost"],
): Promise<void> => {
  const { done, profile } = group;
  const refused = openRefusedChunks({ done, isLost }, group.readGroup);
  let size = profile.maxMembersPerOperation;
  const queue: Piece[] = [difference];

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { isOpen } = next;
    const [chunk, rest] = splitMembers(next, size);
    if (sizeOf(chunk) === 0) continue;
    const others = { ...rest, isOpen };

    const {
      left,
      problem,
      unconfirmed = [],
    } = await attempt(group, { ...chunk, isOpen }).catch(doubting(group, [others, ...queue]));
    const length = sizeOf(left);
    if (problem === undefined || (length === 1 && findsNobody(left, problem))) {
      refused.noteTaken();
      if (length > 0) await done({ added: left.add, removed: left.remove, unconfirmed, doubtful: [] });
      queue.unshift(others);
    } else if (problem.status === 413 && length > 1) {
      size = Math.ceil(length / 2);
      queue.unshift({ ...left, isOpen }, others);
    } else {
      const sent = { ...left, isOpen: isOpen || problem.maybeApplied };
      const halves = await refused.insteadOf(left, problem).catch(doubting(group, [sent, others, ...queue]));
      queue.unshift(...halves.map((half) => ({ ...half, isOpen: sent.isOpen })), others);
    }
  }
  const refusal = refused.refusalOfOne();
  if (refusal) throw refusal;
};

/** A PUT holds all members: it would take out those that a read does not show. */
export const takesWholeGroups = ({ replaceMembers, readsMembers }: Profile): boolean =>
  replaceMembers && readsMembers;

/**
 * What the answer contradicts; or the failure, where a smaller chunk may help. After an answer that leaves the outcome
 * open the members are read where they are shown, and only what is missing is sent, since some servers double a member
 * that is added again; where they are hidden the chunk is repeated. `left` is what this attempt has not found there. A
 * part of a chunk that met the same failure at each try is tried once.
 */
const attempt = async (
  group: Group,
  { isOpen, ...chunk }: Piece,
): Promise<{ left: MemberChange; problem?: ProviderFailure; unconfirmed?: string[] }> => {
  const { call, profile, way, id, known, certain } = group;
  const path = resourcePath("Groups", id);
  const isChecked = profile.readsMembers && chunk.add.length > 0;
  let left = chunk;
  let isSeen = true;
  let shown = new Set<string>();
  const look = async (): Promise<boolean> => {
    const rest = await takeApplied(group, left);
    isSeen = rest !== undefined;
    left = rest ?? left;
    return isSeen;
  };
  const bodyOf = (change: MemberChange) => memberPatch(change, profile.memberRemoveStyle);
  const again = async () => {
    if (isOpen || !(await look())) return undefined;
    return sizeOf(left) === 0 ? { value: [] } : { body: bodyOf(left) };
  };
  try {
    const read = (answer: HttpAnswer) => {
      shown = shownMembersIn(answer, id);
      return unconfirmedMembersIn(answer, id, left);
    };
    const checks = isChecked || isOpen ? { again } : {};
    const isPut = takesWholeGroups(profile);
    const patch = () =>
      sendPatch(call, "Groups", id, () => ({ body: bodyOf(left), read, ...checks }), isPut && profile.etag);
    const unconfirmed = isPut
      ? await patchOrPut(way, patch, () => putMembers(call, path, profile, left, read, known))
      : await patch();
    return { left, unconfirmed: await contradicted(shown, left, unconfirmed, certain) };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.status === 413 || findsNobody(left, error)) return { left, problem: error };
    // The last of the tries may have been applied as well.
    if (isChecked && error.maybeApplied && isSeen) await look();
    if (sizeOf(left) === 0) return { left };
    if (isSeen && mayBeOneMembers(error)) return { left, problem: error };
    return doubting(group, [{ ...left, isOpen: isOpen || error.maybeApplied }])(error);
  }
};

/** Without those whom an answer does not show for want of room: that they are there is not contradicted. */
const contradicted = async (
  shown: ReadonlySet<string>,
  change: MemberChange,
  unconfirmed: string[],
  certain: CertainMembers,
): Promise<string[]> => {
  const isOpen = unconfirmed.some((one) => !shown.has(one)) && (await isCut(shown, change, certain));
  return isOpen ? unconfirmed.filter((one) => shown.has(one)) : unconfirmed;
};

/**
 * What of the change is still to be sent, where that can be seen; what took effect is told to `done`. A group that
 * shows nobody may hide its members, and one that does not show all who must be there proves nobody gone.
 */
const takeApplied = async (
  { done, readGroup, known }: Group,
  change: MemberChange,
): Promise<MemberChange | undefined> => {
  const members = (await readGroup().catch(unlessRefused))?.members;
  if (members === undefined || members.length === 0) return members && change;
  const shown = new Set(members);
  const isShown = (one: string) => shown.has(one);
  const isHidden = (one: string) => !shown.has(one);
  const added = change.add.filter(isShown);
  const hidden = change.remove.filter(isHidden);
  const removed = hidden.length > 0 && (await isWhole(shown, change, known)) ? hidden : [];
  if (added.length + removed.length > 0) await done({ added, removed, unconfirmed: [], doubtful: [] });
  const isGone = new Set(removed);
  return { add: change.add.filter(isHidden), remove: change.remove.filter((one) => !isGone.has(one)) };
};

/** Throws the failure, once it is told of whom nobody knows whether the change was applied to them. */
const doubting =
  ({ done }: Pick<Group, "done">, pieces: Piece[]) =>
  async (error: unknown): Promise<never> => {
    const doubtful = pieces.filter(({ isOpen }) => isOpen).flatMap(({ add, remove }) => [...remove, ...add]);
    if (error instanceof ProviderFailure && doubtful.length > 0)
      await done({ added: [], removed: [], unconfirmed: [], doubtful });
    throw error;
  };

/** A read that fails shows nothing; but a 401 stops the integration, whatever else is in doubt. */
const unlessRefused = (error: unknown): undefined => {
  if (error instanceof ProviderFailure && error.kind !== "unauthorized") return undefined;
  throw error;
};
