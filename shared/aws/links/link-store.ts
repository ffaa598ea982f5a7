import { isDeepStrictEqual } from "node:util";
import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import type { AttemptHistory, Link, OpenAttempt } from "../../model/link.ts";
import type { LinkKey, LinkStore } from "../../provisioning/ports/link-store.ts";
import { linksList } from "../../provisioning/ports/list-names.ts";
import { createBatches } from "../table/batches.ts";
import { fromItem } from "../table/dynamodb-client.ts";
import { type Condition, marshalled, setAll } from "../table/expressions.ts";
import { type Key, type LinkKind, linkKey, linkListing, linksOfObject, listedLinks } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";
import { type AttemptItem, createAttemptWrites, endAttempt } from "./attempt-writes.ts";
import { withCurrentNames } from "./former-names.ts";

export type LinkItem<A, O> = AttemptItem & {
  integrationId: string;
  id: string;
  assignment: A;
  observed: O;
  attempt?: OpenAttempt<O>;
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

    async assign(key, rev, assignment) {
      const fields = { ...named(key), assignment };
      const change = `${setAll(fields)}, #observed = if_not_exists(#observed, :nothing) ADD #rev :one`;
      const { when, values } = isAt(rev);
      const item = await table.update<LinkItem<A, O>>(at(key), change, {
        when,
        values: { ...values, ...fields, nothing: { attempts: 0 }, one: 1 },
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

    async settle(key, attemptId, observed) {
      const { when, set, remove } = endAttempt;
      const change = `SET #observed = :observed, ${set} REMOVE ${remove} ADD #rev :one`;
      const values = { observed, attemptId, one: 1 };
      const settled = await table.update<LinkItem<A, O>>(at(key), change, { when, values });
      if (settled) return toLink(settled);
      // The write may be refused because its first try settled the attempt and the reply was lost.
      const item = await table.get<LinkItem<A, O>>(at(key));
      const isMine =
        item?.settledAttempt === attemptId && isDeepStrictEqual(item.observed, asStored(observed));
      return isMine ? toLink(item) : undefined;
    },

    async note(key, rev, observed) {
      if (rev === 0) return false;
      const { when, values } = isAt(rev);
      return await table.write(at(key), "SET #observed = :observed ADD #rev :one", {
        when: `${when} AND attribute_not_exists(#attempt)`,
        values: { ...values, observed, one: 1 },
      });
    },
  };
};

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
}: LinkItem<A, O>): Link<A, O> => ({
  integrationId,
  id,
  rev,
  assignment,
  observed: withCurrentNames(observed),
  ...(attempt && { attempt: asKnownNow(attempt) }),
});

const asKnownNow = <O extends object>(attempt: OpenAttempt<O>): OpenAttempt<O> =>
  attempt.known
    ? { ...attempt, known: { ...attempt.known, observed: withCurrentNames(attempt.known.observed) } }
    : attempt;
