import { createBriefCache } from "../../common/brief-cache.ts";
import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import { waitingList } from "../../provisioning/ports/list-names.ts";
import { isAmong, type WorkIndex, type WorkRef } from "../../provisioning/ports/work-index.ts";
import { allWork, changedBefore, listedLinks, madeSince, objectIn, workDue, workIn } from "./keys.ts";
import { restingLinks } from "./resting-keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "./state-table.ts";

type Entry = { pk: string; workSk: string };

/** A sort key. */
const place = /^[01]#\d{15}#\d{15}#\d{15}#(user|group)#[A-Za-z0-9._@:+-]{1,128}$/;

const briefMs = 5_000;
/** As many as one batch reads. */
const madeAtOnce = 100;
/** A count of so many costs about 230 read units: one that takes as many times as much is asked as many times less often. */
const unit = 10_000;

const refOf = (integrationId: string, workSk: string): WorkRef => {
  const { id, ...work } = workIn(workSk);
  return { ...work, key: { integrationId, id } };
};

/** The index of work: its cost grows with what is waiting alone, but for the counts of links. */
export const createWorkIndex = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): WorkIndex => {
  const table = createStateTable(access);
  const cache = createBriefCache(now);

  const countWaiting: WorkIndex["count"] = async (integrationId, state, most) => {
    const counts = { users: 0, groups: 0 };
    const pages = table.pages<Entry>(allWork(integrationId, state), { index: "byWork", fields: ["workSk"] });
    for (const { workSk } of await takeFrom(pages, most))
      counts[workIn(workSk).kind === "user" ? "users" : "groups"] += 1;
    return counts;
  };

  return {
    async changed(before, limit) {
      const pages = table.pages<Entry>(changedBefore(before), { index: "byWork", limit });
      return (await takeFrom(pages, limit)).map(objectIn);
    },

    async *made(from) {
      for await (const page of table.pages<Entry>(madeSince(from), { index: "byWork", limit: madeAtOnce }))
        yield page.map(objectIn);
    },

    async waiting(integrationId, state, urgency, { limit, ...which }) {
      const { until, markedBefore } = which;
      const range = workDue(integrationId, state, urgency, markedBefore === undefined ? until : undefined);
      const found: WorkRef[] = [];
      for await (const page of table.pages<Entry>(range, { index: "byWork", limit }))
        for (const { workSk } of page) {
          const ref = refOf(integrationId, workSk);
          if (isAmong(ref, which)) found.push(ref);
          if (found.length === limit) return found;
        }
      return found;
    },

    async first(integrationId, state, limit) {
      const pages = table.pages<Entry>(allWork(integrationId, state), { index: "byWork", limit });
      return (await takeFrom(pages, limit)).map(({ workSk }) => refOf(integrationId, workSk));
    },

    async list(of, { limit, cursor }) {
      const { integrationId, kind, state } = of;
      const name = waitingList(of);
      const after = decodeCursor(name, cursor, place);
      const range = allWork(integrationId, state, after);
      const found: { id: string; place: string }[] = [];
      for await (const page of table.pages<Entry>(range, { index: "byWork", limit: limit + 1 })) {
        const entries = page.map(({ workSk }) => ({ ...workIn(workSk), place: workSk }));
        const wanted = entries.filter((entry) => entry.kind === kind);
        found.push(...wanted.map((entry) => ({ id: entry.id, place: entry.place })));
        if (found.length > limit) break;
      }
      return pageOf(found, limit, (row) => encodeCursor(name, row.place));
    },

    count: (integrationId, state, most) =>
      cache.ask(
        `${integrationId} ${state} ${most}`,
        () => countWaiting(integrationId, state, most),
        () => briefMs,
      ),

    countLinks: (integrationId, kind, rest) =>
      cache.ask(
        `${integrationId} ${kind} ${rest ?? ""}`,
        () =>
          rest
            ? table.count(restingLinks(integrationId, kind, rest), "byWork")
            : table.count(listedLinks(kind, integrationId), "byListing"),
        (count) => briefMs * Math.max(1, count / unit),
      ),
  };
};
