import type { RemoteResource } from "../../model/attributes.ts";
import { onlyMatch } from "../accounts/adopt-account.ts";
import { findAccepted, refuseWhileAccepted, withAccepted } from "../attempts/accepted-creation.ts";
import { withCreated } from "../attempts/fresh-creation.ts";
import { hidingKinds, mayRetryCreation } from "../attempts/retry-creation.ts";
import { spellingNotes, spellingOf } from "../attempts/shown-name.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { ProviderFailure } from "../ports/service-provider.ts";
import { claimGroup, ownedGroup } from "./claim-group.ts";

/**
 * POST, and after every answer that leaves a doubt (a lost reply, a 5xx, a 409, a refusal that may hide a duplicate) a
 * lookup, since only that can tell whether the group is there; where it is not, and the provider was unavailable, once
 * more. Answers a group that was there before and that the provider has shown only now: it is to be taken over.
 * Undefined where the group was created.
 */
export const createGroup = async (
  work: GroupContext,
  push: GroupPush,
  progress: Progress,
): Promise<RemoteResource | undefined> => {
  const { ports, provider, saved, link } = work;
  progress.changes.push({ field: "displayName", to: saved.name });
  const changes = [...progress.changes, intendedMembers({ join: push.join, leave: [] })];
  await work.mark({ step: "write", eventType: "group_create_provision", changes });
  for (let posts = 1; ; posts += 1) {
    try {
      refuseWhileAccepted(link.observed, ports.clock.now());
      const group = await provider.createGroup(saved.name, saved.groupId);
      await own(work, progress, group.id);
      const spelling = spellingOf(group, "displayName", saved.name);
      progress.observed = { ...progress.observed, ...spelling };
      progress.notes.push(...spellingNotes(spelling));
      return undefined;
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !hidingKinds.has(error.kind)) throw error;
      if (error.maybeApplied) progress.observed = { ...progress.observed, uncertainCreation: saved.name };
      const found = await findAfter(work, error, progress);
      if (found && error.maybeApplied) {
        await own(work, progress, found.id);
        return undefined;
      }
      if (found) {
        progress.changes = [];
        await work.mark({
          step: "lookup",
          eventType: "group_update_provision",
          changes: [],
        });
        return found;
      }
      if (!(await mayRetryCreation(ports, error, posts, work.call.sendUntil))) throw error;
    }
  }
};

const own = async (
  { ports, integration, link, saved, note }: GroupContext,
  progress: Progress,
  remoteId: string,
): Promise<void> => {
  const observed = withCreated(
    ownedGroup(integration, link.observed, remoteId, saved.name),
    ports.clock.now(),
  );
  // The group is there, whatever fails from here on.
  note({ observed });
  await claimGroup({ ports, integration }, link, remoteId);
  progress.does = "created";
  progress.observed = observed;
};

/** The group, where a lookup finds it. @throws the failure of the creation, where a lookup fails as well */
const findAfter = async (
  { ports, provider, saved, call }: GroupContext,
  failure: ProviderFailure,
  progress: Progress,
): Promise<RemoteResource | undefined> => {
  const find = async () => onlyMatch(await provider.findGroups(saved.name), saved.name);
  const isAccepted = failure.kind === "accepted";
  if (isAccepted) progress.observed = withAccepted(progress.observed, ports.clock.now());
  try {
    const found = await (isAccepted ? findAccepted(ports.clock, call.sendUntil, find) : find());
    if (found) progress.notes.push(noteOf(failure));
    return found;
  } catch (error) {
    // What the creation met tells more, unless the secret was refused since.
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") throw failure;
    throw error;
  }
};

const noteOf = ({ kind, maybeApplied }: ProviderFailure): string => {
  if (kind === "accepted")
    return "The provider accepted the creation and carried it out later; a lookup found the group.";
  return maybeApplied
    ? "The provider's reply to the creation was lost or unreadable; a lookup found the group."
    : "The provider refused the creation; a lookup found the group, which was there before.";
};

/** As the intent tells it; recovery compares the numbers with what it finds. */
export const intendedMembers = ({ join, leave }: GroupPush) => ({
  field: "members",
  to: { add: join.length, remove: leave.length },
});
