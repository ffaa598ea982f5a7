import { omit } from "../common/objects.ts";
import type { JobStep } from "../jobs/run-job.ts";
import { asText, readKey, remoteAttributes } from "../mapping/remote-attributes.ts";
import type { RemoteResource } from "../model/attributes.ts";
import { Failure } from "../model/failure.ts";
import type { JobItem } from "../model/integration-job.ts";
import { type AttemptHistory, type Link, remoteIdAt } from "../model/link.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ListPage, ShownGroup } from "../provisioning/ports/service-provider.ts";
import { readUserStates, type UserState } from "../provisioning/users/user-state.ts";
import { verifyListedGroup } from "../verification/listed-group.ts";
import { verifyListedUser } from "../verification/listed-user.ts";
import type { Looked } from "../verification/look-at-user.ts";
import { inOrder } from "./find-work.ts";
import { isTouched } from "./is-touched.ts";
import { afterLooks, keptBetween, type VerifyRun } from "./verify-place.ts";
import { hashesIn, toFoundItems, toSeen, toUnknownItem } from "./verify-rows.ts";

/** A list that goes on for longer has no end. */
const mostPages = 20_000;
const mostRestarts = 2;

/** The next page of the provider's list. What it shows is noted by its hashes, and each that is ours is compared. */
export const listStep = async (run: VerifyRun): Promise<JobStep> => {
  const { ports, job, place } = run;
  const { kind, at, page: number = 0, last = "", restarts = 0, isDoubted = false } = place;
  if (number >= mostPages)
    throw new Failure(
      "provider-malformed",
      `The service provider's list of ${kind}s did not end within ${mostPages} pages: it cannot be verified.`,
    );
  const readAt = ports.clock.now();
  try {
    const page = await (kind === "user"
      ? run.provider.userPage(at, isDoubted)
      : run.provider.groupPage(at, isDoubted));
    const seen = toSeen(
      kind,
      number,
      page.items.map(({ id }) => id),
    );
    run.areShown.note(kind === "group" ? (page.items as ShownGroup[]) : []);
    const { items, looks } = await (kind === "user"
      ? comparePage(run, page as ListPage<RemoteResource>, readAt)
      : compareGroups(run, page as ListPage<ShownGroup>, readAt));
    await ports.integrationJobs.putItems(job, [seen, ...items]);
    const hashes = hashesIn(seen);
    const before = new Set(hashesIn({ place: "", data: { hashes: last } }));
    // Some show their last page for ever.
    const isNew = hashes.length === 0 || hashes.some((hash) => !before.has(hash));
    const { done, total = await totalOf(run) } = job.progress;
    // A list that is read anew is counted anew.
    const counted =
      number === 0 ? { ...place, notShown: omit(place.notShown ?? {}, countedBy[kind]) } : place;
    const now = afterLooks({ ...run, place: counted }, looks);
    return {
      progress: { done: Math.min(done + hashes.length, total), total },
      place:
        page.next && isNew
          ? { ...now, at: page.next, last: hashes.join(""), page: number + 1 }
          : { ...keptBetween(now), phase: "collect" },
    };
  } catch (error) {
    if (!isLostCursor(error) || restarts >= mostRestarts) throw error;
    return { place: { ...keptBetween(place), phase: "list", restarts: restarts + 1 } };
  }
};

/** What is not shown of a user, and of a group. */
const countedBy = { user: "active", group: "members" } as const;

/** A cursor may end before its list does (RFC 9865 §2). */
const isLostCursor = (error: unknown): boolean =>
  error instanceof ProviderFailure && /^(expired|invalid)cursor$/i.test(error.scimType ?? "");

const totalOf = async ({ ports, integration: { integrationId } }: VerifyRun): Promise<number> =>
  (await ports.work.countLinks(integrationId, "user")) +
  (await ports.work.countLinks(integrationId, "group"));

const ownersOf = (
  { ports, integration: { integrationId, baseUrl } }: VerifyRun,
  kind: "user" | "group",
  ids: string[],
) => ports.claims.ownersOf({ integrationId, kind, baseUrl }, ids);

type Compared = { items: JobItem[]; looks: Looked[] };

const comparePage = async (
  run: VerifyRun,
  { items }: ListPage<RemoteResource>,
  readAt: number,
): Promise<Compared> => {
  const { ports, integration, call, provider } = run;
  const accounts = new Map(items.map((account) => [account.id, account]));
  const owners = await ownersOf(run, "user", [...accounts.keys()]);
  const states = await readUserStates(ports, integration.integrationId, [...new Set(owners.values())]);
  const ours = [...accounts.values()].flatMap((account) => {
    const state = states.get(owners.get(account.id) ?? "");
    return state && remoteIdAt(integration, state.link.observed) === account.id
      ? [{ ...state, account }]
      : [];
  });
  const hidden = hiddenOf(ours);
  const found = await inOrder(ours, async (one) => {
    const look = { ...one, isTouched: isTouched(one.link, readAt), hidden };
    const looked = await verifyListedUser({ ports, integration, call }, provider, look);
    return { ...looked, items: toFoundItems({ kind: "user", id: one.link.id }, looked.findings) };
  });
  const known = new Set(ours.map(({ account }) => account.id));
  const strangers = [...accounts.values()].filter(
    ({ id }) => !known.has(id) && !isBeingLinked(states.get(owners.get(id) ?? "")?.link, id),
  );
  const nameOf = ({ resource }: RemoteResource) => asText(readKey(resource, "userName"));
  const unknown = strangers.map((account) => toUnknownItem("user", account.id, nameOf(account)));
  return { items: [...found.flatMap(({ items: rows }) => rows), ...unknown], looks: found };
};

const isBeingLinked = (link: Link<unknown, AttemptHistory> | undefined, id: string): boolean =>
  link?.attempt?.remoteId === id;

/** Of at least so many who were given an attribute none shows it: then nobody can tell. */
const fewestGiven = 5;

const hiddenOf = (ours: (Pick<UserState, "link"> & { account: RemoteResource })[]): Set<string> => {
  const given = new Map<string, number>();
  const shown = new Set<string>();
  for (const { link, account } of ours) {
    const paths = Object.keys(link.observed.pushed ?? {});
    for (const path of paths) given.set(path, (given.get(path) ?? 0) + 1);
    for (const path of Object.keys(remoteAttributes(account.resource, paths))) shown.add(path);
  }
  return new Set(
    [...given].flatMap(([path, many]) => (many >= fewestGiven && !shown.has(path) ? [path] : [])),
  );
};

const compareGroups = async (
  run: VerifyRun,
  { items }: ListPage<ShownGroup>,
  readAt: number,
): Promise<Compared> => {
  const { ports, integration, call, provider, areShown } = run;
  const owners = await ownersOf(
    run,
    "group",
    items.map(({ id }) => id),
  );
  const found = await inOrder(items, async (shown) => {
    const groupId = owners.get(shown.id);
    if (groupId === undefined)
      return { ...unowned, items: [toUnknownItem("group", shown.id, shown.displayName)] };
    const touched = (link: Link<unknown, AttemptHistory>) => isTouched(link, readAt);
    const context = { ports, integration, call, provider, areShown };
    const looked = await verifyListedGroup(context, { groupId, shown, touched });
    return { ...looked, items: toFoundItems({ kind: "group", id: groupId }, looked.findings) };
  });
  return { items: found.flatMap(({ items: rows }) => rows), looks: found };
};

const unowned: Looked = { findings: [], isThere: true };
