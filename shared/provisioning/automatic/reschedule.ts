import { omit } from "../../common/objects.ts";
import type { AttemptHistory, GroupLink, Link, UserLink } from "../../model/link.ts";
import { isWork, type Rest, type Work } from "../../model/work.ts";
import { nextLook } from "../attempts/next-try.ts";
import { type GroupState, readGroupState } from "../memberships/group-state.ts";
import { leaversThere } from "../memberships/leavers-there.ts";
import { mayHaveLeavers, workOfGroup } from "../memberships/work-of-group.ts";
import type { LinkStore } from "../ports/link-store.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";
import { readUserState } from "../users/user-state.ts";
import { workOfUser } from "../users/work-of-user.ts";

/**
 * After a try of what `tried` had marked: mark the link with what is still to be done, or take its mark away. Where others
 * have written to it since it was read, the mark stays as they left it. What is known of the attempts then.
 */
export const reschedule = async (
  context: IntegrationContext,
  { kind, key }: WorkRef,
  tried: Work,
): Promise<AttemptHistory> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  if (kind === "user") {
    const state = await readUserState(ports, integrationId, key.id);
    await mark(ports, ports.userLinks, { link: state.link, tried }, workOfUser(context, state));
    return state.link.observed;
  }
  const state = await readGroupState(ports, integrationId, key.id);
  const isUrgent = mayHaveLeavers(state) && (await hasLeavers(ports, state));
  await mark(ports, ports.groupLinks, { link: state.link, tried }, workOfGroup(context, state, isUrgent));
  return state.link.observed;
};

/** Where all who left are out, what is left to do is for those who are to join. */
const hasLeavers = async (ports: Ports, { saved, link }: GroupState): Promise<boolean> =>
  !link.assignment.bound || !saved || (await leaversThere(ports, link, saved)) !== 0;

/** After a failure of our own, e.g. a bug that one object meets: it is looked at again less and less often. */
export const postpone = async (
  ports: Ports,
  { kind, key }: WorkRef,
  { rev, work }: Pick<UserLink | GroupLink, "rev" | "work">,
): Promise<void> => {
  if (!work) return;
  const at = nextLook(ports, work.since, work.urgency === 0);
  const next = { ...omit(work, "isGrace"), at, setAt: ports.clock.now() };
  await (kind === "user" ? ports.userLinks : ports.groupLinks).schedule(key, rev, next);
};

const mark = async <A, O extends AttemptHistory>(
  ports: Ports,
  store: LinkStore<A, O>,
  { link, tried }: { link: Link<A, O>; tried: Work },
  next: Work | Rest | null,
): Promise<void> => {
  const { work: before, attempt } = link;
  if (!isWork(next)) return void (before && (await store.schedule(link, link.rev, next)));
  const isLooked = next.state === "pending";
  // Whoever holds it goes on with what is wanted; recovery follows where they do not.
  const heldUntil = attempt ? attempt.leaseUntil + 1_000 : 0;
  const soon = nextLook(ports, next.since, next.urgency === 0);
  const at = isLooked ? Math.max(soon, heldUntil, next.at) : next.at;
  // The attempt, or another change, has written a mark that says when.
  const isNew = before && (before.setAt !== tried.setAt || before.at !== tried.at);
  const isUntried = isNew && before.state === next.state && before.at > ports.clock.now();
  if (isUntried && before.urgency === next.urgency) return;
  await store.schedule(link, link.rev, { ...next, at: isUntried ? Math.min(before.at, at) : at });
};
