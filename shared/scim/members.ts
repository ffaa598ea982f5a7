import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/service-provider.ts";
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
import type { HttpAnswer } from "./transport.ts";
import { unconfirmedMembersIn } from "./unconfirmed.ts";

/** Times that a chunk with a lost answer is compared with what the group shows, and the rest of it sent again. */
const maxComparisons = 3;

/**
 * Send a difference of members in chunks of the profile's limit, one after the other. A chunk that is too large (413)
 * is halved, and so are the ones behind it. A removal that finds nobody (400 noTarget, RFC 7644 §3.5.2.2) has reached
 * its end; inside a chunk it is found by halving, since a PATCH is applied as a whole or not at all, as is a member for
 * whom some providers refuse the chunk. After an answer that leaves the outcome open the members are read where they are
 * shown, since some servers double a member that is added again; where they are hidden the chunk is repeated.
 */
export const changeMembers = async (
  call: Call,
  profile: Profile,
  way: Way,
  id: string,
  difference: MemberChange,
  told: Told,
  readGroup: ReadGroup,
): Promise<void> => {
  const { done } = told;
  const insteadOf = openRefusedChunks(told, readGroup);
  let size = profile.maxMembersPerOperation;
  let comparisons = 0;
  const queue = [difference];

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [chunk, others] = splitMembers(next, size);
    const length = sizeOf(chunk);
    if (length === 0) continue;

    const { problem, unconfirmed = [] } = await attempt(call, profile, way, id, chunk);
    if (problem === undefined || (length === 1 && findsNobody(chunk, problem))) {
      await done({ added: chunk.add, removed: chunk.remove, unconfirmed });
      queue.unshift(others);
    } else if (problem.maybeApplied) {
      comparisons += 1;
      if (comparisons > maxComparisons) throw problem;
      queue.unshift(await takeApplied(chunk, problem, done, readGroup), others);
    } else if (problem.status === 413 && length > 1) {
      size = Math.ceil(length / 2);
      queue.unshift(chunk, others);
    } else {
      queue.unshift(...(await insteadOf(chunk, problem)), others);
    }
  }
};

/** What of the chunk is still to be sent; what took effect is told to `done`. */
const takeApplied = async (
  { add, remove }: MemberChange,
  problem: ProviderFailure,
  done: Told["done"],
  readGroup: ReadGroup,
): Promise<MemberChange> => {
  const members = (await readGroup().catch(() => undefined))?.members;
  if (members === undefined) throw problem;
  const shown = new Set(members);
  const added = add.filter((one) => shown.has(one));
  const removed = remove.filter((one) => !shown.has(one));
  if (added.length + removed.length > 0) await done({ added, removed, unconfirmed: [] });
  return { add: add.filter((one) => !shown.has(one)), remove: remove.filter((one) => shown.has(one)) };
};

/** A PUT holds all members: it would take out those that a read does not show. */
export const takesWholeGroups = ({ replaceMembers, readsMembers }: Profile): boolean =>
  replaceMembers && readsMembers;

/** What the answer contradicts; or the failure, where a smaller chunk or a look at the members may help. */
const attempt = async (
  call: Call,
  profile: Profile,
  way: Way,
  id: string,
  chunk: MemberChange,
): Promise<{ problem?: ProviderFailure; unconfirmed?: string[] }> => {
  const path = resourcePath("Groups", id);
  const unrepeatable = profile.readsMembers && chunk.add.length > 0;
  try {
    const body = memberPatch(chunk, profile.memberRemoveStyle);
    const read = (answer: HttpAnswer) => unconfirmedMembersIn(answer, id, chunk);
    const patch = () => call({ method: "PATCH", path, byId: true, body, read, unrepeatable });
    const unconfirmed = takesWholeGroups(profile)
      ? await patchOrPut(way, patch, () => putMembers(call, path, profile, chunk, read))
      : await patch();
    return { unconfirmed };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const isOpen = unrepeatable && error.maybeApplied;
    if (error.status === 413 || isOpen || findsNobody(chunk, error) || mayBeOneMembers(error))
      return { problem: error };
    throw error;
  }
};
