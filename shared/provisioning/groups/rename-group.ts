import { isSameName } from "../../common/names.ts";
import type { PushedMember } from "../../model/link.ts";
import { mayArrive } from "../attempts/in-flight.ts";
import { nameOf } from "../attempts/only-match.ts";
import { otherSpelling, unconfirmedNotes } from "../attempts/shown-name.ts";
import type { GroupContext, Progress } from "../memberships/group-context.ts";
import { otherName, withSpelling, withUncertainName } from "../memberships/group-names.ts";
import { pushedAccounts } from "../memberships/pushed-accounts.ts";
import { noteUncertain } from "../memberships/uncertain-members.ts";
import { withOpenName } from "../memberships/unconfirmed-group.ts";
import { ignoreAnyFailure } from "../ports/ignore-failure.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { Renamed } from "../ports/service-provider.ts";
import { followGroup } from "../remote-groups/follow-group.ts";
import { pushMembers } from "./send-members.ts";

/** Give the group its name. Whom the rename took out of the group is added again. */
export const renameGroup = async (
  work: GroupContext,
  remoteId: string,
  progress: Progress,
): Promise<void> => {
  const { saved } = work;
  const from = otherName(progress.observed, saved.name);
  const putAt = putBefore(work);
  progress.changes.push({ field: "displayName", ...(from !== undefined && { from }), to: saved.name });
  const { unconfirmed, shown, findLost } = await sendName(work, remoteId, from, progress);
  // One who shows the name in a spelling of its own has it.
  const spelled = shown && isSameName(nameOf(shown), saved.name) ? nameOf(shown) : undefined;
  if (unconfirmed.length > 0 && spelled === undefined) {
    progress.notes.push(...unconfirmedNotes(unconfirmed));
    progress.observed = withOpenName(withUncertainName(progress.observed, saved.name), saved.name, from);
  } else {
    const isKnown = await followGroup(work, progress, shown);
    if (isKnown) await takeName(work, spelled ?? saved.name, progress);
    else progress.observed = withOpenName(withUncertainName(progress.observed, saved.name), saved.name);
  }
  if (putAt !== undefined && from !== undefined) {
    progress.observed = withUncertainName({ ...progress.observed, putAt }, from);
    progress.notes.push("It is named once more later, since an earlier PUT may be carried out behind this.");
  }
  const now = progress.observed.remoteId ?? remoteId;
  const lost = await findLost(now);
  if (lost.length > 0) await addAgain(work, now, lost, progress);
};

/** A PUT that was sent before, had no answer, and may be carried out yet. */
const putBefore = ({ ports, provider, link }: GroupContext): string | undefined => {
  const putAt = provider.unansweredAt("PUT") ?? link.observed.putAt;
  return putAt !== undefined && mayArrive({ startedAt: putAt }, ports.clock.now()) ? putAt : undefined;
};

const sendName = async (
  { provider, saved, link, ...work }: GroupContext,
  remoteId: string,
  from: string | undefined,
  progress: Progress,
): Promise<Renamed> => {
  const isRepeat = link.observed.unconfirmed?.expected.displayName === saved.name;
  try {
    const known = pushedAccounts({ ...work, provider, saved, link });
    return await provider.renameGroup(remoteId, saved.name, { from, isRepeat }, known);
  } catch (error) {
    if (error instanceof ProviderFailure && error.maybeApplied)
      progress.observed = withUncertainName(progress.observed, saved.name);
    throw error;
  }
};

const takeName = async (
  { provider, saved }: GroupContext,
  spelled: string,
  progress: Progress,
): Promise<void> => {
  const { shownName, remoteId } = progress.observed;
  progress.observed = withSpelling(progress.observed, saved.name, spelled);
  if (shownName === undefined) return;
  // It has its own spelling of names, and of this one as well.
  const shown = await provider.readGroup(String(remoteId)).catch(ignoreAnyFailure);
  progress.observed = { ...progress.observed, ...otherSpelling(shown?.displayName, saved.name) };
};

/** Those of ours are uncertain until then; the others, who are unknown to the directory, are named should that fail. */
const addAgain = async (
  work: GroupContext,
  remoteId: string,
  lost: string[],
  progress: Progress,
): Promise<void> => {
  const { ports, provider, link } = work;
  const isLost = new Set(lost);
  const ours: PushedMember[] = [];
  for await (const page of ports.pushedMembers.all(link.integrationId, link.id))
    ours.push(...page.filter((member) => member.presence !== "out" && isLost.has(member.remoteId)));
  await noteUncertain(ports, link.integrationId, link.id, ours);
  const accounts = new Set(ours.map((member) => member.remoteId));
  const others = lost.filter((one) => !accounts.has(one));
  progress.notes.push(
    `The rename took ${lost.length} members out of the group, who are to be added again${
      others.length === 0
        ? ""
        : `; unknown to the directory are ${others.slice(0, 100).join(", ")} (${others.length})`
    }.`,
  );
  // Who was taken out, and had come back late, stays out.
  const join = ours
    .filter(({ addedAt }) => !addedAt)
    .map(({ userId, remoteId: account }) => ({ userId, remoteId: account }));
  await pushMembers(work, remoteId, { join, leave: [] }, progress);
  if (others.length > 0)
    await provider.changeMembers(remoteId, { add: others, remove: [] }, async () => undefined);
};
