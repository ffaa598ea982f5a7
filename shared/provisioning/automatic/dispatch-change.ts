import { recordDirectoryEvent } from "../../directory/record-change.ts";
import type { Asked } from "../../model/asked.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink } from "../../model/link.ts";
import {
  type Changed,
  isLeftState,
  isWork,
  openWork,
  type Rest,
  sinceOf,
  type Work,
} from "../../model/work.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { carryOnAfterChange } from "../groups/bind-group.ts";
import { workOfGroup } from "../memberships/work-of-group.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { ObjectRef } from "../ports/work-index.ts";
import { workOfUser } from "../users/work-of-user.ts";
import { recordLeaver } from "./record-leaver.ts";

const maxTries = 10;

/** At how many integrations it was made due, and under which correlation it was asked for. */
export type Dispatched = { integrations: number; correlationId?: string };

/**
 * Make a change of the directory due at every link that it concerns, wake the workers, and take the mark of the change away.
 * Safe to call at any time and any number of times: what is due already stays so, and a change that came meanwhile keeps
 * its mark. What a call carries out itself is left to it until its time is over. A change of a group that took longer than
 * its call is gone on with first, for some seconds, and until `until` (Unix ms): what is left of it is found by its mark again.
 * @returns undefined where there was no mark any more
 */
export const dispatchChange = async (
  ports: Ports,
  { kind, id }: ObjectRef,
  until = Number.POSITIVE_INFINITY,
): Promise<Dispatched | undefined> => {
  const marked = kind === "user" ? await dispatchUser(ports, id) : await dispatchGroup(ports, id, until);
  if (!marked) return undefined;
  const { woken, asked } = marked;
  await wakeAll(ports, woken);
  return { integrations: woken.size, ...(asked && { correlationId: asked.correlation.id }) };
};

type Marked = { woken: Set<string>; asked: Asked | undefined };

/** A wake-up that is lost costs a minute: the sweep finds what is due. */
export const wakeAll = async ({ wakeUps }: Ports, integrationIds: Iterable<string>): Promise<void> => {
  await Promise.all([...integrationIds].map((id) => wakeUps.wake(id).catch(() => undefined)));
};

const dispatchUser = async (ports: Ports, userId: string): Promise<Marked | undefined> => {
  const saved = await ports.users.read(userId);
  const { changed } = saved ?? {};
  if (!saved || !changed) return undefined;
  const now = ports.clock.now();
  if (saved.deleted && !isLeft(changed, undefined, now)) await recordLeaver(ports, userId, saved);
  const links = await ports.userLinks.ofObject(userId);
  const { woken, isWhole } = await makeAllDue(ports, { changed, links, now }, async (integration, key) => {
    const link = await ports.userLinks.read(key);
    if (!link) return undefined;
    const work = workOfUser({ ports, integration }, { saved, link });
    return { link, work, write: (next) => ports.userLinks.schedule(key, link.rev, next) };
  });
  await recordDirectoryEvent(ports, saved);
  if (isWhole) await ports.users.dispatched(userId, saved.version);
  return { woken, asked: saved.asked };
};

/** Others wait behind this one. */
const resumeMs = 10_000;

const dispatchGroup = async (ports: Ports, groupId: string, until: number): Promise<Marked | undefined> => {
  await ports.groups.resume(groupId, Math.min(until, ports.clock.now() + resumeMs)).catch(unlessSaving);
  const saved = await ports.groups.read(groupId);
  const { changed } = saved ?? {};
  if (!saved || !changed) return undefined;
  const now = ports.clock.now();
  if (isLeft(changed, undefined, now)) return undefined;
  await carryOnAfterChange(ports, saved);
  const links = await ports.groupLinks.ofObject(groupId);
  const { woken, isWhole } = await makeAllDue(ports, { changed, links, now }, async (integration, key) => {
    const link = await ports.groupLinks.read(key);
    if (!link) return undefined;
    const work = workOfGroup({ ports, integration }, { saved, link });
    // A group that failed says nothing of a change that has not been tried.
    if (isWork(work) && !isTried(saved, link)) work.at = now;
    return { link, work, write: (next) => ports.groupLinks.schedule(key, link.rev, next) };
  });
  await recordDirectoryEvent(ports, saved);
  if (isWhole) await ports.groups.dispatched(groupId, saved.version);
  return { woken, asked: saved.asked };
};

const unlessSaving = (error: unknown): void => {
  if (!(error instanceof Failure && error.extras.saving)) throw error;
};

const isTried = ({ updatedAt }: SavedGroup, { observed: { lastAttemptAt } }: GroupLink): boolean =>
  lastAttemptAt !== undefined && lastAttemptAt >= updatedAt;

/** Whether a call that is under way carries it out itself. */
const isLeft = ({ carriedOut }: Changed, integrationId: string | undefined, now: number): boolean =>
  carriedOut !== undefined &&
  now < carriedOut.until &&
  (carriedOut.integrationId === undefined || carriedOut.integrationId === integrationId);

type Marking = {
  link: { work?: Work };
  work: Work | Rest | null;
  write(next: Work | Rest | null): Promise<boolean>;
};

/**
 * Make the change due at each of the links: the integrations at which something is due now, and whether none was left to a
 * call, as of `now` (Unix ms).
 */
const makeAllDue = async (
  ports: Ports,
  { changed, links, now }: { changed: Changed; links: LinkKey[]; now: number },
  look: (integration: Integration, key: LinkKey) => Promise<Marking | undefined>,
): Promise<{ woken: Set<string>; isWhole: boolean }> => {
  const woken = new Set<string>();
  let isWhole = true;
  for (const { integrationId, id } of links) {
    const integration = await presentIntegration(ports, integrationId);
    if (!integration) continue;
    if (isLeft(changed, integrationId, now)) isWhole = false;
    else if (await makeDue(ports, changed, () => look(integration, { integrationId, id })))
      woken.add(integrationId);
  }
  return { woken, isWhole };
};

const isLeftToPeople = (mark: Work | Rest | null | undefined): boolean =>
  isWork(mark) && isLeftState(mark.state);

/**
 * Mark a link, at the revision at which it was looked at. What waits for its own time stays as it is, unless access has to end
 * by this change. Whether something is due there.
 * @throws Error where the link keeps moving: the mark of the change stays
 */
const makeDue = async (
  ports: Ports,
  { since, isUrgent }: Changed,
  look: () => Promise<Marking | undefined>,
): Promise<boolean> => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const found = await look();
    if (!found) return false;
    const { link, work, write } = found;
    const before = link.work;
    if (!isWork(work) || !openWork(work) || isLeftToPeople(work)) {
      // No worker has anything to do, but people are told of it, or no longer told.
      if (![work, before].some(isLeftToPeople) || (await write(work))) return false;
      continue;
    }
    // What is urgent stays so until it is tried: the user may have been read before they were to lose access.
    const urgency = isUrgent || before?.urgency === 0 ? 0 : work.urgency;
    if (before?.urgency === urgency && work.at > ports.clock.now()) return true;
    // What is due already is written, too: an attempt that was planned before this change then cannot take the mark away.
    const at = Math.min(work.at, before?.at ?? work.at);
    if (await write({ ...work, urgency, at, since: sinceOf(before, urgency, since) })) return true;
    await ports.clock.sleep(5 * tries);
  }
  throw new Error("The link keeps changing.");
};
