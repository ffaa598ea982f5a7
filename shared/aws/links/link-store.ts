import { isDeepStrictEqual } from "node:util";
import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import type { AttemptHistory, Link, OpenAttempt } from "../../model/link.ts";
import { isWork, type Work } from "../../model/work.ts";
import type { LinkKey, LinkStore, NextWork } from "../../provisioning/ports/link-store.ts";
import { linksList } from "../../provisioning/ports/list-names.ts";
import { createBatches } from "../table/batches.ts";
import { fromItem } from "../table/dynamodb-client.ts";
import { type Condition, marshalled, setAll } from "../table/expressions.ts";
import {
  type Key,
  type LinkKind,
  linkKey,
  linkListing,
  linksOfObject,
  listedLinks,
  workKey,
} from "../table/keys.ts";
import { restingKey } from "../table/resting-keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";
import { type AttemptItem, createAttemptWrites, endAttempt } from "./attempt-writes.ts";
import { withCurrentNames } from "./former-names.ts";

export type LinkItem<A, O> = AttemptItem & {
  integrationId: string;
  id: string;
  assignment: A;
  observed: O;
  attempt?: OpenAttempt<O>;
  work?: Work;
};

/**
 * Links of one kind in the state table, one item each: assignment, observed and attempt are attributes of their own,
 * so that callers change the first while the holder of an attempt writes the others. Every write adds 1 to `rev`.
 *
 * Errors are Failures: `store-unavailable` (a write may then have been applied or not), `invalid-input` where a link
 * grows beyond what one item holds, `invalid-cursor`.
 */
export const createLinkStore = <A, O extends AttemptHistory>({
  kind,
  ...access
}: TableAccess & { kind: LinkKind }): LinkStore<A, O> => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  const attempts = createAttemptWrites(table);
  const at = (key: LinkKey): Key => linkKey(kind, key);
  const named = (key: LinkKey) => ({
    ...linkListing(kind, key),
    integrationId: key.integrationId,
    id: key.id,
  });

  const markOf = (key: LinkKey, work: NextWork): Mark => {
    if (work === undefined) return { set: "", remove: "", values: {} };
    if (work === null) return { set: "", remove: "#work, #workPk, #workSk", values: {} };
    if (!isWork(work)) {
      const values = restingKey(kind, key, work.rest);
      return { set: ", #workPk = :workPk, #workSk = :workSk", remove: "#work", values };
    }
    const values = { work, ...workKey(kind, key, work) };
    return { set: ", #work = :work, #workPk = :workPk, #workSk = :workSk", remove: "", values };
  };

  return {
    async read(key) {
      const item = await table.get<LinkItem<A, O>>(at(key));
      return item && toLink(item);
    },

    async ofObject(id) {
      return (await takeFrom(table.pages<LinkItem<A, O>>(linksOfObject(kind, id)))).map(toLink);
    },

    async list(integrationId, { limit, cursor }) {
      const list = linksList(kind, integrationId);
      const range = listedLinks(kind, integrationId, decodeCursor(list, cursor));
      const read = table.pages<Key & { listSk: string }>(range, { index: "byListing", limit: limit + 1 });
      const keys = await takeFrom(read, limit + 1);
      const page = pageOf(keys, limit, ({ listSk }) => encodeCursor(list, listSk));
      const items = await batches.get<LinkItem<A, O>>(page.items.map(({ pk, sk }) => ({ pk, sk })));
      return { ...page, items: items.map(toLink) };
    },

    async assign(key, rev, assignment, work) {
      const fields = { ...named(key), assignment };
      const mark = markOf(key, work);
      const set = `${setAll(fields)}, #observed = if_not_exists(#observed, :nothing)${mark.set}`;
      const change = `${set}${removing(mark.remove)} ADD #rev :one`;
      const { when, values } = isAt(rev);
      const item = await table.update<LinkItem<A, O>>(at(key), change, {
        when,
        values: { ...values, ...fields, ...mark.values, nothing: { attempts: 0 }, one: 1 },
      });
      return item && toLink(item);
    },

    async begin(key, rev, attempt, assignment) {
      if (rev === 0 && !assignment) return false;
      const asked = assignment ? { ...named(key), assignment } : {};
      const known = rev === 0 ? { observed: { attempts: 0 } } : {};
      return await attempts.begin(at(key), isAt(rev), attempt, { ...asked, ...known });
    },
    takeOver: (key, attemptId, leaseUntil, now) => attempts.takeOver(at(key), attemptId, leaseUntil, now),
    mark: (key, attempt) => attempts.mark(at(key), attempt),
    nudge: (key, attemptId) => attempts.nudge(at(key), attemptId),
    abandon: (key, attempt) => attempts.leave(at(key), attempt),

    async settle(key, attempt, observed, then) {
      const { attemptId } = attempt.intent;
      const { when, set, remove } = endAttempt;
      const end = (mark: Mark, rev?: number) => {
        const change = `SET #observed = :observed, ${set}${mark.set} REMOVE ${[remove, mark.remove].filter(Boolean).join(", ")} ADD #rev :one`;
        const values = {
          observed,
          ...endAttempt.values(attempt),
          one: 1,
          ...mark.values,
          ...(rev !== undefined && { rev }),
        };
        const ifThere = rev === undefined ? when : `${when} AND #rev = :rev`;
        return table.update<LinkItem<A, O>>(at(key), change, { when: ifThere, values });
      };
      const marked = then && (await end(markOf(key, then.work), then.rev));
      const settled =
        marked ?? (then && then.rev === undefined ? undefined : await end(markOf(key, then?.moved)));
      if (settled) return toLink(settled);
      // The write may be refused because its first try settled the attempt and the reply was lost.
      const item = await table.get<LinkItem<A, O>>(at(key));
      const isMine =
        item?.settledAttempt === attemptId && isDeepStrictEqual(item.observed, asStored(observed));
      return isMine ? toLink(item) : undefined;
    },

    async note(key, rev, observed, work) {
      if (rev === 0) return false;
      const { when, values } = isAt(rev);
      const mark = markOf(key, work);
      const change = `SET #observed = :observed${mark.set}${removing(mark.remove)} ADD #rev :one`;
      return await table.write(at(key), change, {
        when: `${when} AND attribute_not_exists(#attempt)`,
        values: { ...values, ...mark.values, observed, one: 1 },
      });
    },

    async schedule(key, rev, work) {
      if (rev === 0) return false;
      const { set, remove, values } = markOf(key, work);
      const change = set ? `SET ${set.slice(2)}${removing(remove)}` : `REMOVE ${remove}`;
      const { when, values: known } = isAt(rev);
      return await table.write(at(key), `${change} ADD #rev :one`, {
        when,
        values: { ...known, ...values, one: 1 },
      });
    },
  };
};

/** What an update has to say of the mark of work. */
type Mark = { set: string; remove: string; values: Record<string, unknown> };
const removing = (names: string): string => (names === "" ? "" : ` REMOVE ${names}`);

const isAt = (rev: number): Condition =>
  rev === 0 ? { when: "attribute_not_exists(#pk)" } : { when: "#rev = :rev", values: { rev } };

const asStored = (value: object): object => fromItem(marshalled(value));

export const toLink = <A, O extends object>({
  integrationId,
  id,
  rev,
  assignment,
  observed,
  attempt,
  work,
}: LinkItem<A, O>): Link<A, O> => ({
  integrationId,
  id,
  rev,
  assignment,
  observed: withCurrentNames(observed),
  ...(attempt && { attempt: asKnownNow(attempt) }),
  ...(work && { work }),
});

const asKnownNow = <O extends object>(attempt: OpenAttempt<O>): OpenAttempt<O> =>
  attempt.known
    ? { ...attempt, known: { ...attempt.known, observed: withCurrentNames(attempt.known.observed) } }
    : attempt;
