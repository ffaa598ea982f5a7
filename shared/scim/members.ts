import type { Profile } from "../model/profile.ts";
import { ProviderFailure, type ServiceProvider } from "../provisioning/ports/service-provider.ts";
import type { Call } from "./call.ts";
import { type MemberChange, memberPatch, sizeOf, splitMembers } from "./patch.ts";
import { patchOrPut, type Way } from "./patch-or-put.ts";
import { resourcePath } from "./paths.ts";
import { putMembers } from "./put-merged.ts";
import type { HttpAnswer } from "./transport.ts";
import { unconfirmedMembersIn } from "./unconfirmed.ts";

type Done = Parameters<ServiceProvider["changeMembers"]>[2];

/** Times that a chunk with a lost answer is compared with what the group shows, and the rest of it sent again. */
const maxComparisons = 3;

/**
 * Send a difference of members in chunks of the profile's limit, one after the other. A chunk that is too large (413)
 * is halved, and so are the ones behind it. A removal that finds nobody (400 noTarget, RFC 7644 §3.5.2.2) has reached
 * its end; inside a chunk it is found by halving, since a PATCH is applied as a whole or not at all. After an answer
 * that leaves the outcome open the members are read where they are shown, since some servers double a member that is
 * added again; where they are hidden the chunk is repeated.
 */
export const changeMembers = async (
  call: Call,
  profile: Profile,
  way: Way,
  id: string,
  difference: MemberChange,
  done: Done,
  shownMembers: () => Promise<string[] | undefined>,
): Promise<void> => {
  let size = profile.maxMembersPerOperation;
  let comparisons = 0;
  const queue = [difference];

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [chunk, others] = splitMembers(next, size);
    const length = sizeOf(chunk);
    if (length === 0) continue;

    const { problem, unconfirmed = [] } = await attempt(call, profile, way, id, chunk, done);
    if (problem === undefined || (length === 1 && isNobody(problem))) {
      await done({ added: chunk.add, removed: chunk.remove, unconfirmed, doubtful: [] });
      queue.unshift(others);
    } else if (problem.maybeApplied) {
      comparisons += 1;
      if (comparisons > maxComparisons) throw await inDoubt(chunk, problem, done);
      queue.unshift(await takeApplied(chunk, problem, done, shownMembers), others);
    } else {
      if (length === 1) throw problem;
      const half = Math.ceil(length / 2);
      if (problem.status === 413) size = half;
      queue.unshift(...splitMembers(chunk, half), others);
    }
  }
};

/**
 * What of the chunk is still to be sent; what took effect is told to `done`. An empty list tells of nobody: it is what a
 * group without members shows, and one whose members are hidden.
 */
const takeApplied = async (
  chunk: MemberChange,
  problem: ProviderFailure,
  done: Done,
  shownMembers: () => Promise<string[] | undefined>,
): Promise<MemberChange> => {
  const members = await shownMembers().catch(() => undefined);
  if (members === undefined) throw await inDoubt(chunk, problem, done);
  if (members.length === 0) return chunk;
  const { add, remove } = chunk;
  const shown = new Set(members);
  const added = add.filter((one) => shown.has(one));
  const removed = remove.filter((one) => !shown.has(one));
  if (added.length + removed.length > 0) await done({ added, removed, unconfirmed: [], doubtful: [] });
  return { add: add.filter((one) => !shown.has(one)), remove: remove.filter((one) => shown.has(one)) };
};

/** The failure, once it is told of whom nobody knows whether the change was applied to them. */
const inDoubt = async ({ add, remove }: MemberChange, problem: ProviderFailure, done: Done) => {
  if (problem.maybeApplied)
    await done({ added: [], removed: [], unconfirmed: [], doubtful: [...remove, ...add] });
  return problem;
};

const isNobody = (failure: ProviderFailure): boolean => failure.scimType?.toLowerCase() === "notarget";

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
  done: Done,
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
    if (error.status === 413 || isOpen || (chunk.remove.length > 0 && isNobody(error)))
      return { problem: error };
    throw await inDoubt(chunk, error, done);
  }
};
