import type { OpenAttempt } from "../../model/link.ts";
import type { Held } from "../../provisioning/ports/link-store.ts";
import { type Condition, setAll } from "../table/expressions.ts";
import { attemptKey, type Key } from "../table/keys.ts";
import type { StateTable } from "../table/state-table.ts";

/** What every item that can hold an attempt has; `attemptPk` and `attemptSk` put it into the index while it does. */
export type AttemptItem = { rev: number; attempt?: OpenAttempt; settledAttempt?: string };

const isMine = "#attempt.#intent.#attemptId = :attemptId";
/** Nobody took it over: the lease in the item would then be later than the holder's. Needs the values of `heldValues`. */
const isHeld = `${isMine} AND #attempt.#leaseUntil <= :heldUntil`;
const heldValues = ({ intent: { attemptId }, leaseUntil }: Held) => ({ attemptId, heldUntil: leaseUntil });
/** To be appended to an update that ends the attempt. */
export const endAttempt = {
  when: isHeld,
  values: heldValues,
  set: "#settledAttempt = :attemptId",
  remove: "#attempt, #attemptPk, #attemptSk",
} as const;

/** The writes of an attempt that links and integrations share. Each is one conditional write of one item. */
export const createAttemptWrites = (table: StateTable) => ({
  /**
   * Write the intent and `fields`, if `condition` holds and no attempt is there. An orphan has to be settled first.
   */
  async begin(
    key: Key,
    condition: Condition,
    attempt: OpenAttempt,
    fields: Record<string, unknown>,
  ): Promise<boolean> {
    const { attemptId } = attempt.intent;
    const values = { ...attemptKey(attempt.leaseUntil, attemptId), ...fields, attempt };
    try {
      const written = await table.write(key, `${setAll(values)} ADD #rev :one`, {
        when: `(${condition.when}) AND attribute_not_exists(#attempt)`,
        values: { ...condition.values, ...values, one: 1 },
      });
      if (written) return true;
      // The request may have been repeated after a lost reply, and refused since its first try was applied.
      const item = await table.get<AttemptItem>(key);
      return item?.attempt?.intent.attemptId === attemptId && item.attempt.leaseUntil === attempt.leaseUntil;
    } catch (error) {
      // It may have begun nevertheless: nobody then has to wait for its lease to end.
      await endLease(table, key, attempt).catch(() => undefined);
      throw error;
    }
  },

  /** Answers false after a lost reply too: the lease then runs out once more, and no attempt is settled twice. */
  async takeOver(key: Key, attemptId: string, leaseUntil: number, now: number): Promise<boolean> {
    const ended = { when: `${isMine} AND #attempt.#leaseUntil <= :now`, values: { now } };
    return await moveLease(table, key, { attemptId, leaseUntil }, ended);
  },

  /**
   * Refused also where another process took the attempt over: the lease in the item is then later than the holder's.
   */
  async mark(key: Key, attempt: OpenAttempt): Promise<boolean> {
    return await replace(table, key, attempt, attempt.leaseUntil);
  },

  /** End the lease and keep the attempt as far as it has come. Refused, too, once somebody took it over. */
  async leave(key: Key, attempt: OpenAttempt): Promise<void> {
    await replace(table, key, { ...attempt, leaseUntil: 0 }, attempt.leaseUntil);
  },

  /** Raises `rev` and changes nothing else, so that the link is no longer at the `rev` that the holder read. */
  async nudge(key: Key, attemptId: string): Promise<boolean> {
    return await table.write(key, "ADD #rev :one", { when: isMine, values: { attemptId, one: 1 } });
  },

  /** End the lease and keep the intent. Refused, too, once somebody took it over. */
  async abandon(key: Key, attempt: Held): Promise<void> {
    await endLease(table, key, attempt);
  },
});

const endLease = (table: StateTable, key: Key, attempt: Held): Promise<boolean> => {
  const { attemptId, heldUntil } = heldValues(attempt);
  return moveLease(table, key, { attemptId, leaseUntil: 0 }, { when: isHeld, values: { heldUntil } });
};

/** `heldUntil` is the lease of the holder who writes. */
const replace = async (
  table: StateTable,
  key: Key,
  attempt: OpenAttempt,
  heldUntil: number,
): Promise<boolean> => {
  const { leaseUntil, intent } = attempt;
  const { attemptId } = intent;
  const change = "SET #attempt = :attempt, #attemptPk = :attemptPk, #attemptSk = :attemptSk ADD #rev :one";
  const values = { attempt, ...attemptKey(leaseUntil, attemptId), one: 1, attemptId, heldUntil };
  return await table.write(key, change, { when: isHeld, values });
};

const moveLease = async (
  table: StateTable,
  key: Key,
  { attemptId, leaseUntil }: { attemptId: string; leaseUntil: number },
  { when, values }: Condition,
): Promise<boolean> => {
  const change =
    "SET #attempt.#leaseUntil = :leaseUntil, #attemptPk = :attemptPk, #attemptSk = :attemptSk ADD #rev :one";
  const own = { ...attemptKey(leaseUntil, attemptId), leaseUntil, attemptId, one: 1 };
  return await table.write(key, change, { when, values: { ...own, ...values } });
};
