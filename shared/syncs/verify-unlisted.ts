import { allPages } from "../common/all-pages.ts";
import { omit } from "../common/objects.ts";
import type { JobStep } from "../jobs/run-job.ts";
import { isShutForSure } from "../model/account-facts.ts";
import { remoteIdAt } from "../model/link.ts";
import { desiredOf } from "../provisioning/assignments/assignment.ts";
import { readUserStates } from "../provisioning/users/user-state.ts";
import { boundThere } from "../verification/bound-there.ts";
import { verifyGroup } from "../verification/look-at-group.ts";
import { verifyUser } from "../verification/look-at-user.ts";
import { inOrder } from "./find-work.ts";
import { afterKind, afterLooks, keptBetween, type VerifyRun } from "./verify-place.ts";
import { hashesIn, objectIn, seenPrefix, shortHash, toFoundItems, unlistedPrefix } from "./verify-rows.ts";

const linksAtOnce = 2_000;
const pageSize = 500;
const readAtOnce = 40;
const sampled = 10;

type Ours = { id: string; remoteId: string };

/** Ours that are to be there, and that no page has shown. Nothing is read of them yet. */
export const collectStep = async (run: VerifyRun): Promise<JobStep> => {
  const { ports, job, place } = run;
  const { kind } = place;
  const seen = new Set<string>();
  for await (const items of allPages(
    (part) => ports.integrationJobs.items(job, part, seenPrefix(kind)),
    pageSize,
  ))
    for (const item of items) for (const hash of hashesIn(item)) seen.add(hash);
  let { cursor, ours = 0, unseen = 0 } = place;
  for (let links = 0; links < linksAtOnce; links += pageSize) {
    const page = await (kind === "user" ? ourUsers(run, cursor) : ourGroups(run, cursor));
    const missed = page.ours.filter(({ remoteId }) => !seen.has(shortHash(remoteId)));
    const items = missed.map(({ id, remoteId }) => ({
      place: `${unlistedPrefix(kind, place.isDoubted)}${id}`,
      data: { object: { kind, id }, remoteId },
    }));
    if (items.length > 0) await ports.integrationJobs.putItems(job, items);
    ours += page.ours.length;
    unseen += missed.length;
    cursor = page.nextCursor;
    if (cursor === undefined) return { place: { ...omit(place, "cursor"), phase: "sample", ours, unseen } };
  }
  return { place: { ...place, cursor: String(cursor), ours, unseen } };
};

type OurPage = { ours: Ours[]; nextCursor?: string };

/** One who is shut out for sure, and is to be, may be shown by no list. */
const ourUsers = async ({ ports, integration }: VerifyRun, cursor: string | undefined): Promise<OurPage> => {
  const { integrationId } = integration;
  const page = await ports.userLinks.list(integrationId, {
    limit: pageSize,
    ...(cursor !== undefined && { cursor }),
  });
  const ids = page.items.map(({ id }) => id);
  const states = await readUserStates(ports, integrationId, ids);
  const ours = [...states.values()].flatMap(({ saved, link }) => {
    const remoteId = remoteIdAt(integration, link.observed);
    const isOver = desiredOf(link.assignment, saved) !== "active" && isShutForSure(link.observed);
    return remoteId === undefined || isOver ? [] : [{ id: link.id, remoteId }];
  });
  return { ours, ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }) };
};

const ourGroups = async (run: VerifyRun, cursor: string | undefined): Promise<OurPage> => {
  const { ports, integration } = run;
  const page = await ports.groupLinks.list(integration.integrationId, {
    limit: pageSize,
    ...(cursor !== undefined && { cursor }),
  });
  const saved = await inOrder(page.items, ({ id }) => ports.groups.read(id));
  const ours = page.items.flatMap((link, at) => {
    const group = boundThere(run, { saved: saved[at], link });
    return group ? [{ id: link.id, remoteId: String(group.link.observed.remoteId) }] : [];
  });
  return { ours, ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }) };
};

/** Many of ours are not shown: where some of them are there, the list tells nothing of the others. */
export const sampleStep = async (run: VerifyRun): Promise<JobStep> => {
  const { ports, job, place, provider } = run;
  const { kind, ours = 0, unseen = 0 } = place;
  const goOn = { place: { ...place, phase: "read" as const } };
  if (unseen <= Math.max(10, ours / 10)) return goOn;
  const { items } = await ports.integrationJobs.items(
    job,
    { limit: pageSize },
    unlistedPrefix(kind, place.isDoubted),
  );
  const every = Math.max(1, Math.floor(items.length / sampled));
  const sample = items.filter((_, at) => at % every === 0).slice(0, sampled);
  const read = await inOrder(sample, async ({ data }) => {
    const remoteId = String(data.remoteId);
    const shown = await (kind === "user" ? provider.readUser(remoteId) : provider.readGroup(remoteId));
    return shown !== undefined;
  });
  const there = read.filter(Boolean).length;
  if (there === 0) return goOn;
  if (!place.isDoubted) return { place: { ...keptBetween(place), phase: "list", isDoubted: true } };
  const detail = `The service provider's list of ${kind}s is unreliable: it leaves out ${unseen} of ${ours} that are to be there, and ${there} of ${sample.length} of these that were read by their ids are there. Nothing was repaired.`;
  return { status: "failed", error: { code: "provider-malformed", detail } };
};

/** Those whom no page has shown, each by its id: only so is anything missing. */
export const readStep = async (run: VerifyRun): Promise<JobStep> => {
  const { ports, integration, call, job, place, provider, areShown } = run;
  const { kind, cursor } = place;
  const page = await ports.integrationJobs.items(
    job,
    { limit: readAtOnce, ...(cursor !== undefined && { cursor }) },
    unlistedPrefix(kind, place.isDoubted),
  );
  const looks = await inOrder(page.items, async (item) => {
    const key = objectIn(item);
    const context = { ports, integration, call };
    const look = await (kind === "user"
      ? verifyUser(context, provider, key.id)
      : verifyGroup(context, { provider, areShown }, key.id));
    return { ...look, items: toFoundItems(key, look.findings) };
  });
  const items = looks.flatMap((look) => look.items);
  if (items.length > 0) await ports.integrationJobs.putItems(job, items);
  const unlisted = (place.unlisted ?? 0) + looks.filter(({ isThere }) => isThere).length;
  const next = { ...afterLooks(run, looks), unlisted };
  const { nextCursor } = page;
  return {
    place: nextCursor === undefined ? afterKind({ ...run, place: next }) : { ...next, cursor: nextCursor },
  };
};
