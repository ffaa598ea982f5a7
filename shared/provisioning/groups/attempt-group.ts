import { omit } from "../../common/objects.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { Change } from "../../model/event.ts";
import { type GroupLink, remoteIdAt } from "../../model/link.ts";
import { isWork } from "../../model/work.ts";
import { leftToCall } from "../attempts/left-to-call.ts";
import { openProvider } from "../attempts/open-provider.ts";
import { endedUnsent } from "../attempts/provider-failure.ts";
import { noteOutcome } from "../attempts/quarantine.ts";
import { leaseMs, newIntent, runAttempt, sendingTimes } from "../attempts/run-attempt.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import { type GroupPush, newProgress } from "../memberships/group-context.ts";
import { withLook } from "../memberships/group-look.ts";
import { isNamed, mayBeRenamed, otherName } from "../memberships/group-names.ts";
import { addAttempt, type GroupRun } from "../memberships/group-run.ts";
import { pushedUpTo } from "../memberships/group-state.ts";
import { withOpenMembers } from "../memberships/unconfirmed-group.ts";
import { workOfGroup } from "../memberships/work-of-group.ts";
import type { Context } from "../ports/ports.ts";
import { intendedMembers } from "../remote-groups/create-group.ts";
import { keepGroupBooks } from "../remote-groups/take-over-group.ts";
import { isPushWanted } from "./is-push-wanted.ts";
import { pushGroup } from "./push-group.ts";
import { recordMembersFailure } from "./record-members-failure.ts";

export type BoundGroup = { saved: SavedGroup; link: GroupLink };

/** Push the group as one attempt. `moved` where the link changed since it was read: plan again. */
export const attemptPush = async (
  context: Context,
  { saved, link }: BoundGroup,
  push: GroupPush,
  run: GroupRun,
) => {
  const { ports, call, integration } = context;
  const leaseUntil = ports.clock.now() + leaseMs;
  const isWanted = () => isPushWanted(context, { saved, link }, push);
  const limits = { ...sendingTimes(call, leaseUntil), isWanted };
  const opened = await openProvider(context, limits, { endsAccess: push.leave.length > 0 });
  const { look, mayTakeOut } = run;
  const provider = withLook(opened, look, ports.clock.now());
  run.look = undefined;
  const { remoteId } = link.observed;
  const knownId = remoteIdAt(integration, link.observed);
  const resource = { type: "user_group" as const, id: link.id, name: saved.name };
  const isNameKept = push.isWithoutName || isNamed(link.observed, saved.name) || isMembersOnly(context);
  const sent = { join: [...push.join, ...(push.verify ?? [])], leave: push.leave };
  const intent = newIntent(context, resource, {
    eventType: remoteId ? "group_update_provision" : "group_create_provision",
    changes: [...(isNameKept ? [] : [nameChange(link, saved.name)]), intendedMembers(sent)],
    step: knownId ? "write" : "lookup",
  });
  const progress = newProgress(link);
  const recorded = await runAttempt(ports, ports.groupLinks, link, {
    attempt: { intent, leaseUntil, baseUrl: integration.baseUrl, ...(knownId && { remoteId: knownId }) },
    work: async (mark, note) => {
      const about = { ports, call, integration, provider, link, saved, mayTakeOut };
      const work = { ...about, attempt: intent, mark, note };
      const worked = await pushGroup(work, push, progress);
      const { next, lost, sent, unconfirmed } = progress;
      const putAt = provider.unansweredAt("PUT");
      const known = putAt ? { ...worked.observed, putAt } : worked.observed;
      const observed = withOpenMembers(known, sent, unconfirmed);
      const isOver =
        !worked.failure &&
        !progress.afterCreation &&
        !next &&
        !mayBeRenamed(observed, saved.name, ports.clock.now());
      const isDone = push.isAll && isOver && lost.length === 0 && !observed.unconfirmed;
      if (isDone) return { ...worked, observed: pushedUpTo(ports, saved, observed) };
      // What is left to do is for those who wait alone: what is known of the others holds again.
      return {
        ...worked,
        observed: isOver && push.isWhole && lost.length === 0 ? omit(observed, "ended") : observed,
      };
    },
    requestCount: provider.requestCount,
    keepBooks: (observed) => keepGroupBooks(ports, link, observed),
    // Who has left is let go of after the attempt.
    workAfter: (after) => {
      const left = leftToCall(ports, workOfGroup(context, { saved, link: after }));
      return push.isAll || isWork(left) ? left : undefined;
    },
    isUnsent: ({ failure }) =>
      endedUnsent(provider, failure) || (progress.next === "out-of-time" && provider.requestCount() === 0),
  });
  if (recorded === "moved") return recorded;
  if (recorded.eventId === undefined) return { ...recorded, progress };
  run.eventIds.push(recorded.eventId);
  await noteOutcome(context, `group ${link.id}`, recorded);
  addAttempt(run, progress);
  if (!progress.afterCreation) return { ...recorded, progress };
  if (!recorded.link) return "moved";
  const bound = { saved, link: recorded.link };
  const failed = await recordMembersFailure(context, bound, progress.afterCreation, provider);
  if (failed === "moved") return failed;
  if (failed.eventId !== undefined) run.eventIds.push(failed.eventId);
  return { ...failed, progress };
};

const nameChange = ({ observed }: GroupLink, name: string): Change => {
  const from = otherName(observed, name);
  return { field: "displayName", ...(from !== undefined && { from }), to: name };
};
