import { isAmong, type WorkIndex, type WorkRef } from "../../provisioning/ports/work-index.ts";
import { allWork, changedBefore, objectIn, workDue, workIn } from "./keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "./state-table.ts";

type Entry = { pk: string; workSk: string };

/** The index of work: its cost grows with what is waiting alone. */
export const createWorkIndex = (access: TableAccess): WorkIndex => {
  const table = createStateTable(access);
  return {
    async changed(before, limit) {
      const pages = table.pages<Entry>(changedBefore(before), { index: "byWork", limit });
      return (await takeFrom(pages, limit)).map(objectIn);
    },

    async waiting(integrationId, state, urgency, { limit, ...which }) {
      const { until, markedBefore } = which;
      const range = workDue(integrationId, state, urgency, markedBefore === undefined ? until : undefined);
      const found: WorkRef[] = [];
      for await (const page of table.pages<Entry>(range, { index: "byWork", limit }))
        for (const { workSk } of page) {
          const { id, ...work } = workIn(workSk);
          if (isAmong(work, which)) found.push({ ...work, key: { integrationId, id } });
          if (found.length === limit) return found;
        }
      return found;
    },

    async count(integrationId, state, most) {
      const counts = { users: 0, groups: 0 };
      const pages = table.pages<Entry>(allWork(integrationId, state), {
        index: "byWork",
        fields: ["workSk"],
      });
      for (const { workSk } of await takeFrom(pages, most))
        counts[workIn(workSk).kind === "user" ? "users" : "groups"] += 1;
      return counts;
    },
  };
};
