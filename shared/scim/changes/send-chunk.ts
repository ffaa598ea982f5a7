import type { Profile } from "../../model/profile.ts";
import { type KnownMembers, ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import type { CallState } from "../exchange/scim-request.ts";
import { resourcePath } from "../messages/resource-path.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { blamesNobody, mayConcernOneMember, type ReadGroup, type Told } from "./bisect-members.ts";
import { type MemberChange, memberPatch, sizeOf } from "./patch.ts";
import { patchOrPut, type UpdateMethod } from "./patch-or-put.ts";
import { putMembers, takesWholeGroups } from "./put-merged.ts";
import { sendPatch } from "./send-patch.ts";
import { contradicted, isWhole, lookAtMembers, type Shown } from "./shown-members.ts";
import { membersIn } from "./unconfirmed.ts";

/** The group whose members change, and how to see and tell how far that has come. */
export type Group = {
  call: CallState;
  profile: Profile;
  way: UpdateMethod;
  id: string;
  done: Told["done"];
  known: KnownMembers | undefined;
  readGroup: ReadGroup;
};

/** `judge` tells what the answer to this part of the change proves. */
export type Changing = Group & { judge: (shown: Shown, part: MemberChange) => Promise<Shown> };

/** What is to be sent. `isOpen`: it was sent before, in a larger chunk, and nobody knows whether that was applied. */
export type Piece = MemberChange & { isOpen?: boolean | undefined };

/**
 * Whom the answer to one chunk shows; or the failure, where a smaller chunk may help. After an answer that leaves the
 * outcome open the members are read where they are shown, and only what is missing is sent, since some servers double a
 * member that is added again; where they are hidden the chunk is repeated. `left` is what this attempt has not found
 * there. A part of a chunk that met the same failure at each try is tried once.
 */
export const sendChunk = async (
  group: Changing,
  { isOpen, ...chunk }: Piece,
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
    if (isOpen || !(await look())) return undefined;
    return sizeOf(left) === 0 ? { value: {} } : { body: bodyOf(left) };
  };
  try {
    const read = (answer: HttpAnswer): Shown => ({ members: membersIn(answer, id) });
    const checks = isChecked || isOpen ? { again } : {};
    const isPut = takesWholeGroups(profile);
    const request = () => ({ body: bodyOf(left), read, ...checks });
    const patch = async () =>
      judge(await sendPatch(call, "Groups", id, request, isPut && profile.etag), left);
    // Servers that know no PUT of members answer 200 to it as well, and so a PUT is held against what a read shows.
    const put = async () => {
      const shown = await putMembers(call, path, profile, left, read, known);
      if (shown.members && shown.members.length > 0) return judge(shown, left);
      const members = (await lookAtMembers(group.readGroup)) ?? shown.members;
      return judge({ members, isRead: true }, left);
    };
    const isIgnored = (shown: Shown) => contradicted(shown, left).length > 0;
    const shown = await (isPut ? patchOrPut(way, patch, put, isIgnored) : patch());
    // A repeat may have found some of them there: what is left is known only now.
    return { left, shown };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.status === 413 || blamesNobody(left, error)) return { left, problem: error };
    // The last of the tries may have been applied as well.
    if (isChecked && error.maybeApplied && isSeen) await look();
    if (sizeOf(left) === 0) return { left };
    if (isSeen && mayConcernOneMember(error)) return { left, problem: error };
    return doubting(group, [{ ...left, isOpen: isOpen || error.maybeApplied }])(error);
  }
};

/**
 * What of the change is still to be sent, where that can be seen; what took effect is told to `done`. A group that
 * shows nobody may hide its members, and one that does not show all who must be there proves nobody gone.
 */
const takeApplied = async (
  { done, readGroup, known }: Group,
  change: MemberChange,
): Promise<MemberChange | undefined> => {
  const members = await lookAtMembers(readGroup);
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
export const doubting =
  ({ done }: Pick<Group, "done">, pieces: Piece[]) =>
  async (error: unknown): Promise<never> => {
    const doubtful = pieces.filter(({ isOpen }) => isOpen).flatMap(({ add, remove }) => [...remove, ...add]);
    if (error instanceof ProviderFailure && doubtful.length > 0)
      await done({ added: [], removed: [], unconfirmed: [], doubtful });
    throw error;
  };
