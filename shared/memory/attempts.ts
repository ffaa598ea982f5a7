import type { OpenAttempt } from "../model/link.ts";
import type { Held, OpenAttemptRef } from "../provisioning/ports/link-store.ts";
import type { AttemptEntries } from "./attempt-index.ts";
import { copyOf } from "./request.ts";

/** What every item that can hold an attempt has. */
export type AttemptItem = { rev: number; attempt?: OpenAttempt };

/** The writes of an attempt that links and integrations share. Each changes one item, or answers that it may not. */
export const attemptWrites = (entries: AttemptEntries, now: () => number) => {
  const note = ({ attempt }: AttemptItem, ref: OpenAttemptRef, leaseUntil: number | undefined) => {
    const attemptId = attempt?.intent.attemptId ?? "";
    entries.push({ time: now(), attemptId, ref: copyOf(ref), leaseUntil });
  };
  const isMine = (item: AttemptItem | undefined, attemptId: string): item is AttemptItem =>
    item?.attempt?.intent.attemptId === attemptId;
  const moveLease = (item: AttemptItem, ref: OpenAttemptRef, leaseUntil: number): void => {
    if (item.attempt) item.attempt.leaseUntil = leaseUntil;
    item.rev += 1;
    note(item, ref, leaseUntil);
  };

  /** Nobody took it over: the lease in the item would then be later than the holder's. */
  const isHeld = (item: AttemptItem | undefined, { intent, leaseUntil }: Held): item is AttemptItem =>
    isMine(item, intent.attemptId) && (item.attempt?.leaseUntil ?? 0) <= leaseUntil;

  /** Refused too once somebody took the attempt over: the lease in the item is then later than the holder's. */
  const replace = (
    item: AttemptItem | undefined,
    ref: OpenAttemptRef,
    attempt: OpenAttempt,
    heldUntil: number,
  ): boolean => {
    if (!isHeld(item, { ...attempt, leaseUntil: heldUntil })) return false;
    item.attempt = copyOf(attempt);
    item.rev += 1;
    note(item, ref, attempt.leaseUntil);
    return true;
  };

  return {
    isHeld,

    hold(item: AttemptItem, ref: OpenAttemptRef, attempt: OpenAttempt): void {
      item.attempt = copyOf(attempt);
      item.rev += 1;
      note(item, ref, attempt.leaseUntil);
    },

    takeOver(
      item: AttemptItem | undefined,
      ref: OpenAttemptRef,
      { attemptId, leaseUntil, at }: { attemptId: string; leaseUntil: number; at: number },
    ) {
      if (!isMine(item, attemptId) || (item.attempt?.leaseUntil ?? 0) > at) return false;
      moveLease(item, ref, leaseUntil);
      return true;
    },

    mark: (item: AttemptItem | undefined, ref: OpenAttemptRef, attempt: OpenAttempt): boolean =>
      replace(item, ref, attempt, attempt.leaseUntil),

    /** Ends the lease and keeps the attempt as far as it has come. */
    leave(item: AttemptItem | undefined, ref: OpenAttemptRef, attempt: OpenAttempt): void {
      replace(item, ref, { ...attempt, leaseUntil: 0 }, attempt.leaseUntil);
    },

    nudge(item: AttemptItem | undefined, attemptId: string): boolean {
      if (!isMine(item, attemptId)) return false;
      item.rev += 1;
      return true;
    },

    abandon(item: AttemptItem | undefined, ref: OpenAttemptRef, attempt: Held): void {
      if (isHeld(item, attempt)) moveLease(item, ref, 0);
    },

    end(item: AttemptItem, ref: OpenAttemptRef): void {
      note(item, ref, undefined);
      delete item.attempt;
      item.rev += 1;
    },
  };
};
