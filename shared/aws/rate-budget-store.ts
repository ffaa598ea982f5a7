import { Failure } from "../model/failure.ts";
import type { RateSchedule } from "../scim/rate/rate-port.ts";
import { integrationKey, rateKey } from "./table/keys.ts";
import { createStateTable, type TableAccess } from "./table/state-table.ts";

type RateItem = {
  /** The next slot that is free (the theoretical arrival time of the generic cell rate algorithm). */
  next?: number;
  /** What the last and the second-last process to lease took for the time. */
  at?: number;
  before?: number;
  pausedUntil?: number;
};

/** The item of an idle integration may expire: its profile and its next answer tell the limit again. */
const keptMs = 24 * 60 * 60 * 1000;

/**
 * The schedules of all integrations in the state table, one item for each. `next` only ever moves on, in one atomic
 * update per lease, so that no slot is given twice, even where the clocks of the processes differ. After a lost reply
 * the SDK leases again, and the slots of the first lease stay unused.
 */
export const createRateSchedule = (access: TableAccess): RateSchedule => {
  const table = createStateTable(access);
  const expiry = (time: number) => Math.ceil((time + keptMs) / 1000);

  return {
    async lease(subject, { count, intervalMs, earliest, latest, now }) {
      const key = rateKey(subject);
      // Whole microseconds: the store adds decimals exactly, and they would grow long.
      const step = micro(count * intervalMs);
      const seen = "#at = :now, #expiresAt = :expiresAt";
      const known = { now, expiresAt: expiry(now) };
      const goOn = {
        change: `SET #next = #next + :step, #before = #at, ${seen}`,
        condition: {
          when: "#next BETWEEN :earliest AND :latest",
          values: { ...known, step, earliest: micro(earliest), latest: micro(latest) },
        },
      };
      // Slots of the past that were not leased are lost, but for the burst that `earliest` allows.
      const startAnew = {
        change: `SET #next = :next, #before = if_not_exists(#at, :now), ${seen}`,
        condition: {
          when: "attribute_not_exists(#next) OR #next < :earliest",
          values: { ...known, next: micro(micro(earliest) + step), earliest: micro(earliest) },
        },
      };
      for (let tries = 0; tries < 4; tries += 1) {
        const { change, condition } = tries % 2 === 0 ? goOn : startAnew;
        const item = await table.update<RateItem>(key, change, condition);
        if (item?.next !== undefined)
          return { first: item.next - step, clock: item.before ?? now, pausedUntil: item.pausedUntil ?? 0 };
        if (tries % 2 === 0) continue;
        const held = await table.get<RateItem>(key);
        if (held?.next !== undefined && held.next > latest)
          return { nextFree: held.next, clock: held.at ?? now, pausedUntil: held.pausedUntil ?? 0 };
      }
      throw new Failure("store-unavailable", "The schedule of the integration keeps changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },

    async pause(subject, until) {
      const later = (path: string) => `(attribute_not_exists(${path}) OR ${path} < :until)`;
      const inRow = "#integration.#pausedUntil";
      await Promise.all([
        table.write(rateKey(subject), "SET #pausedUntil = :until, #expiresAt = :expiresAt", {
          when: later("#pausedUntil"),
          values: { until, expiresAt: expiry(until) },
        }),
        // A process that knows no limit leases nothing, but every call reads the row.
        table.write(integrationKey(subject.integrationId), `SET ${inRow} = :until`, {
          when: `#integration.#version = :version AND ${later(inRow)}`,
          values: { until, version: subject.version },
        }),
      ]);
    },
  };
};

const micro = (ms: number): number => Math.round(ms * 1000) / 1000;
