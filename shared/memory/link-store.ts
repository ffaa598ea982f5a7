import type { AttemptHistory, Link } from "../model/link.ts";
import { isWork, type RestingState } from "../model/work.ts";
import type { LinkKey, LinkStore, NextWork, OpenAttemptRef } from "../provisioning/ports/link-store.ts";
import { linksList } from "../provisioning/ports/list-names.ts";
import type { AttemptEntries } from "./attempt-index.ts";
import { attemptWrites } from "./attempts.ts";
import { listPage } from "./list-page.ts";
import { copyOf, type Request } from "./request.ts";

export type LinkItems<A, O> = Map<string, Link<A, O>>;
type Kind = "user" | "group";

export const itemKey = ({ integrationId, id }: LinkKey): string => `${id}#${integrationId}`;

/** When each link came into the index of its integration. */
export type ListedLinks = Map<string, number>;

/** How each link rests at which nothing is to be done, where that is not in step. */
export type RestingLinks = Map<string, RestingState>;

type Stored<A, O> = {
  items: LinkItems<A, O>;
  entries: AttemptEntries;
  listed: ListedLinks;
  resting: RestingLinks;
};

/**
 * Links of one kind in memory: every write is one condition and one change of one item, and adds 1 to its `rev`.
 * `lagMs` is how far the index of lists is behind, asked at each read.
 */
export const memoryLinkStore = <A, O extends AttemptHistory>(
  kind: Kind,
  { items, entries, listed, resting }: Stored<A, O>,
  request: Request,
  { now, lagMs = () => 0 }: { now: () => number; lagMs?: (() => number) | undefined },
): LinkStore<A, O> => {
  const attempts = attemptWrites(entries, now);
  const refOf = (key: LinkKey): OpenAttemptRef => ({
    kind,
    key: { integrationId: key.integrationId, id: key.id },
  });
  const at = (key: LinkKey): Link<A, O> | undefined => items.get(itemKey(key));
  const unmoved = (key: LinkKey, rev: number): boolean => (at(key)?.rev ?? 0) === rev;
  const ask = <T>(verb: string, { id }: LinkKey, apply: () => T): Promise<T> =>
    request(`${verb} ${kind} link ${id}`, apply);
  const saved = (key: LinkKey, assignment: A): Link<A, O> => {
    const { integrationId, id } = key;
    const item = at(key) ?? { integrationId, id, rev: 0, assignment, observed: { attempts: 0 } as O };
    item.assignment = copyOf(assignment);
    items.set(itemKey(key), item);
    if (!listed.has(`${kind} ${itemKey(key)}`)) listed.set(`${kind} ${itemKey(key)}`, now());
    return item;
  };

  const marked = (item: Link<A, O>, work: NextWork): void => {
    if (work === undefined) return;
    const name = `${kind} ${itemKey(item)}`;
    delete item.work;
    resting.delete(name);
    if (isWork(work)) item.work = copyOf(work);
    else if (work) resting.set(name, work.rest);
  };

  return {
    read: (key) => ask("read", key, () => copyOf(at(key))),

    ofObject: (id) =>
      request(`read ${kind} links of ${id}`, () => {
        const own = [...items.values()].filter((link) => link.id === id);
        return copyOf(own.toSorted((a, b) => (a.integrationId < b.integrationId ? -1 : 1)));
      }),

    list: (integrationId, page) =>
      request(`list ${kind} links`, () => {
        const until = now() - lagMs();
        const isListed = (link: LinkKey) => (listed.get(`${kind} ${itemKey(link)}`) ?? 0) <= until;
        const found = [...items.values()].filter((link) => link.integrationId === integrationId);
        return listPage(linksList(kind, integrationId), found.filter(isListed), ({ id }) => id, page);
      }),

    assign: (key, rev, assignment, work) =>
      ask("assign", key, () => {
        if (!unmoved(key, rev)) return undefined;
        const item = saved(key, assignment);
        marked(item, work);
        item.rev += 1;
        return copyOf(item);
      }),

    begin: (key, rev, attempt, assignment) =>
      ask("begin", key, () => {
        if (!unmoved(key, rev) || at(key)?.attempt || (rev === 0 && !assignment)) return false;
        const item = assignment ? saved(key, assignment) : at(key);
        if (item) attempts.hold(item, refOf(key), attempt);
        return item !== undefined;
      }),

    takeOver: (key, attemptId, leaseUntil, moment) =>
      ask("take over", key, () =>
        attempts.takeOver(at(key), refOf(key), { attemptId, leaseUntil, at: moment }),
      ),
    mark: (key, attempt) => ask("mark", key, () => attempts.mark(at(key), refOf(key), attempt)),
    nudge: (key, attemptId) => ask("nudge", key, () => attempts.nudge(at(key), attemptId)),
    abandon: (key, attempt) => ask("abandon", key, () => attempts.leave(at(key), refOf(key), attempt)),

    settle: (key, attempt, observed, then) =>
      ask("settle", key, () => {
        const item = at(key);
        if (!item || !attempts.isHeld(item, attempt)) return undefined;
        item.observed = copyOf(observed);
        if (then) marked(item, then.rev === undefined || then.rev === item.rev ? then.work : then.moved);
        attempts.end(item, refOf(key));
        return copyOf(item);
      }),

    note: (key, rev, observed, work) =>
      ask("note", key, () => {
        const item = at(key);
        if (!item || item.attempt || !unmoved(key, rev)) return false;
        item.observed = copyOf(observed);
        marked(item, work);
        item.rev += 1;
        return true;
      }),

    schedule: (key, rev, work) =>
      ask("schedule", key, () => {
        const item = at(key);
        if (!item || !unmoved(key, rev)) return false;
        marked(item, work);
        item.rev += 1;
        return true;
      }),
  };
};
