import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { KnownMembers } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { isNoTarget } from "./bisect-members.ts";
import { lookAtMembers, readShownMembers } from "./group-members.ts";
import { contradictedMembers, emptyOutcome, type MemberRecord, type ShownMembers } from "./member-record.ts";
import { mergeMembers, putGroup } from "./merge-members.ts";
import { memberPatch, type Piece, sizeOf } from "./patch.ts";
import { sendPatch } from "./send-patch.ts";
import { canPut, isRefusalOfFilter, patchOrPut, type UpdateMethod } from "./update-method.ts";

export type GroupContext = ResourceContext & {
  method: UpdateMethod;
  known: KnownMembers | undefined;
  /** The name that it was given lately. */
  name?: string | undefined;
  record: MemberRecord;
};

/**
 * Send one chunk; answers whom the provider then shows, or the failure. After an uncertain outcome the members are read
 * where they are shown, and only what is missing is sent, since some servers double a member that is added again; where
 * they are hidden the chunk is repeated. What is found there is noted and taken out of `chunk`. A part of a chunk that
 * met the same failure at each try is tried once. `isFinal`: no smaller chunk is to be tried, since the members that
 * would say what is left of it cannot be read.
 */
export const sendChunk = async (
  group: GroupContext,
  chunk: Piece,
): Promise<{ shown: ShownMembers } | { failure: ProviderFailure; isFinal: boolean }> => {
  const { profile, record } = group;
  const isPart = chunk.isUncertain;
  const isChecked = profile.readsMembers && chunk.add.length > 0;
  let isSeen = true;
  const look = async (): Promise<boolean> => {
    isSeen = await takeApplied(group, chunk);
    return isSeen;
  };
  const bodyOf = () => memberPatch(chunk, profile.memberRemoveStyle);
  const again = async () => {
    chunk.isUncertain = true;
    if (isPart || !(await look())) return undefined;
    return sizeOf(chunk) === 0 ? { value: {} } : { body: bodyOf() };
  };
  const read = (answer: HttpAnswer): ShownMembers => {
    const members = readShownMembers(answer, group.id);
    return { members, ...(!members && answer.status === 202 && { isLater: true }) };
  };
  const request = () => ({ body: bodyOf(), read, ...((isChecked || isPart) && { again }) });
  const patch = async () => record.judge(await sendPatch(group, request), chunk);
  // Servers that know no PUT of members answer 200 to it as well, and so a PUT is held against what a read shows.
  const put = async () => {
    const shown = await putGroup(group, mergeMembers(chunk), read);
    if (shown.members && shown.members.length > 0) return record.judge(shown, chunk);
    const members = (await lookAtMembers(group)) ?? shown.members;
    return record.judge({ members, isRead: true }, chunk);
  };
  const isIgnored = (shown: ShownMembers) => contradictedMembers(shown, chunk).length > 0;
  try {
    const send = () => patchOrPut(group, group.method, { patch, put, isIgnored });
    return { shown: await removeByPut(group, chunk, { send, put, isIgnored }) };
  } catch (failure) {
    if (!(failure instanceof ProviderFailure)) throw failure;
    chunk.isUncertain ||= failure.maybeApplied;
    if (isNoTarget(chunk, failure) && sizeOf(chunk) === 1) return { shown: {} };
    if (failure.status === 413 || isNoTarget(chunk, failure)) return { failure, isFinal: false };
    // The last of the tries may have been applied as well.
    if (isChecked && failure.maybeApplied && isSeen) await look();
    return sizeOf(chunk) === 0 ? { shown: {} } : { failure, isFinal: !isSeen };
  }
};

const filterHint =
  'It seems to take no filter in the path of a removal: the overrides "updates": "put", or "memberRemoveStyle": "valueList" where it does not empty the group for that, say it another way';

/**
 * A PUT for those who leave, where the filter that names them is refused, and first from then on. A list of values is not
 * tried: some servers empty the group for it.
 */
const removeByPut = async (
  group: GroupContext,
  { remove }: Piece,
  steps: {
    send(): Promise<ShownMembers>;
    put(): Promise<ShownMembers>;
    isIgnored(shown: ShownMembers): boolean;
  },
): Promise<ShownMembers> => {
  const { method, profile } = group;
  if (remove.length === 0 || profile.memberRemoveStyle === "valueList") return steps.send();
  if (method.removesByPut) return steps.put();
  try {
    return await steps.send();
  } catch (error) {
    if (!(error instanceof ProviderFailure) || !isRefusalOfFilter(error)) throw error;
    const refusal = error.copyWith({ message: `${error.message}. ${filterHint}` });
    if (!canPut(group) || method.updates === "put") throw refusal;
    const shown = await steps.put().catch((further: unknown) => {
      const isRefused = further instanceof ProviderFailure && further.kind === "rejected";
      throw isRefused ? refusal : further;
    });
    if (!steps.isIgnored(shown)) method.removesByPut = true;
    return shown;
  }
};

/**
 * Takes out of the chunk what a read shows as applied, and notes it; false where nothing can be read. A group that shows
 * nobody may hide its members, and one that does not show all who must be there proves nobody gone.
 */
const takeApplied = async (group: GroupContext, chunk: Piece): Promise<boolean> => {
  const members = await lookAtMembers(group);
  if (members === undefined || members.length === 0) return members !== undefined;
  const shown = new Set(members);
  const added = chunk.add.filter((one) => shown.has(one));
  const hidden = chunk.remove.filter((one) => !shown.has(one));
  const removed = hidden.length > 0 && (await group.record.provesGone(shown, chunk)) ? hidden : [];
  if (added.length + removed.length > 0) await group.record.note({ ...emptyOutcome, added, removed });
  const gone = new Set(removed);
  chunk.add = chunk.add.filter((one) => !shown.has(one));
  chunk.remove = chunk.remove.filter((one) => !gone.has(one));
  return true;
};
