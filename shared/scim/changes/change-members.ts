import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { openBisection } from "./bisect-members.ts";
import { lookAtMembers } from "./group-members.ts";
import { emptyOutcome, openMemberRecord, type ShownMembers } from "./member-record.ts";
import { type MemberChange, type Piece, sizeOf, splitPiece } from "./patch.ts";
import { type GroupContext, sendChunk } from "./send-chunk.ts";

/**
 * Change the members of a group: a queue of pieces, each sent as a chunk of the profile's limit (send-chunk), and one
 * record of what was sent and what the provider shows of it (member-record). A chunk that is too large (413) is halved,
 * and so are the ones behind it. A removal that finds nobody (400 noTarget, RFC 7644 §3.5.2.2) has reached its end;
 * inside a chunk it is found by halving, since a PATCH is applied as a whole or not at all, and so is a member for whom
 * some providers refuse the chunk (bisect-members). A piece leaves the queue once its outcome is noted: where the call
 * ends before, those in the queue that were sent are told as uncertain.
 */
export const changeMembers = async (
  target: Omit<GroupContext, "record">,
  difference: MemberChange,
  done: Parameters<ServiceProvider["changeMembers"]>[2],
  isLost: NonNullable<Parameters<ServiceProvider["changeMembers"]>[3]>["isLost"],
): Promise<void> => {
  const record = openMemberRecord(target, difference, target.known, done);
  const queue: Piece[] = [{ ...difference, isUncertain: false }];
  try {
    await sendAll({ ...target, record }, queue, isLost);
  } catch (error) {
    const sent = queue.filter(({ isUncertain }) => isUncertain);
    const uncertain = sent.flatMap(({ add, remove }) => [...remove, ...add]);
    if (error instanceof ProviderFailure && uncertain.length > 0)
      await record.note({ ...emptyOutcome, uncertain });
    throw error;
  }
};

const sendAll = async (
  group: GroupContext,
  queue: Piece[],
  isLost: Parameters<typeof openBisection>[1],
): Promise<void> => {
  const { record } = group;
  const bisection = openBisection(group, isLost);
  let size = group.profile.maxMembersPerOperation;
  let last: ShownMembers = {};
  for (;;) {
    queue.splice(0, 1, ...queue.slice(0, 1).flatMap((piece) => splitPiece(piece, size)));
    const [chunk] = queue;
    if (chunk === undefined) break;
    const sent = await sendChunk(group, chunk);
    if ("shown" in sent) {
      const { shown } = sent;
      last = lastShown(last, shown, chunk);
      bisection.noteTaken();
      queue.shift();
      if (sizeOf(chunk) > 0)
        await record.note({ ...emptyOutcome, added: chunk.add, removed: chunk.remove }, shown);
    } else if (sent.failure.status === 413 && sizeOf(chunk) > 1) {
      size = Math.ceil(sizeOf(chunk) / 2);
    } else {
      if (sent.isFinal) throw sent.failure;
      queue.splice(0, 1, ...(await bisection.partsOf(chunk, sent.failure)));
    }
  }
  const seen = await record.judge(await readAfter(group, last), { add: [], remove: [] });
  if (seen.members) await record.note(emptyOutcome, seen);
  bisection.throwRefusal();
};

/**
 * What is known of the members once a chunk was taken. A removal that was accepted without showing them may be undone
 * yet.
 */
const lastShown = (last: ShownMembers, shown: ShownMembers, { remove }: MemberChange): ShownMembers => {
  if (shown.members) return shown;
  return shown.isLater && remove.length > 0 ? { ...last, isLater: true } : last;
};

/** An answer may show an empty list where a read shows the members. */
const readAfter = async (group: ResourceContext, last: ShownMembers): Promise<ShownMembers> => {
  const isEmpty = last.members?.length === 0 && !last.isRead;
  if (!(isEmpty || last.isLater) || group.profile.readsMarkManaged) return {};
  const members = await lookAtMembers(group);
  return members?.length ? { members } : {};
};
