import { blamesNobody, openBisection, type Told } from "./bisect-members.ts";
import { type MemberChange, sizeOf, splitMembers } from "./patch.ts";
import { doubting, type Group, type Piece, sendChunk } from "./send-chunk.ts";
import { openSentMembers } from "./sent-members.ts";
import { lookAtMembers, openLists, type Shown } from "./shown-members.ts";

/**
 * Send a difference of members in chunks of the profile's limit, one after the other. A chunk that is too large (413)
 * is halved, and so are the ones behind it. A removal that finds nobody (400 noTarget, RFC 7644 §3.5.2.2) has reached
 * its end; inside a chunk it is found by halving, since a PATCH is applied as a whole or not at all, as is a member for
 * whom some providers refuse the chunk. One who is refused alone is the failure once all others were sent. Whoever the
 * last answer shows as not taken is `unconfirmed`; an empty list is read again, since an answer may leave out what a
 * read shows.
 */
export const changeMembers = async (
  { done: tell, ...rest }: Group,
  difference: MemberChange,
  isLost: Told["isLost"],
): Promise<void> => {
  const { done, added } = openSentMembers(tell);
  const judgeList = openLists(rest, difference);
  const judge = (shown: Shown, { add }: MemberChange) => judgeList(shown, [...added(), ...add]);
  const group = { ...rest, done, judge };
  const refused = openBisection({ done, isLost }, group.readGroup);
  let last: Shown = {};
  let size = group.profile.maxMembersPerOperation;
  const queue: Piece[] = [difference];

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { isOpen } = next;
    const [chunk, behind] = splitMembers(next, size);
    if (sizeOf(chunk) === 0) continue;
    const others = { ...behind, isOpen };

    const sending = sendChunk(group, { ...chunk, isOpen });
    const { left, problem, shown = {} } = await sending.catch(doubting(group, [others, ...queue]));
    const length = sizeOf(left);
    if (problem === undefined || (length === 1 && blamesNobody(left, problem))) {
      refused.noteTaken();
      if (length > 0) await done({ ...nothing, added: left.add, removed: left.remove }, shown);
      if (shown.members) last = shown;
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
  const seen = await judgeList(await readAfter(group, last), added());
  if (seen.members) await done(nothing, seen);
  const refusal = refused.refusalOfOne();
  if (refusal) throw refusal;
};

/** An answer may show an empty list where a read shows the members. */
const readAfter = async ({ profile, readGroup }: Omit<Group, "done">, last: Shown): Promise<Shown> => {
  if (last.members?.length !== 0 || last.isRead || profile.readsMarkManaged) return {};
  const members = await lookAtMembers(readGroup);
  return members?.length ? { members } : {};
};

const nothing = { added: [], removed: [], unconfirmed: [], doubtful: [] };
