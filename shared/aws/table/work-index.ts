import type { WorkIndex } from "../../provisioning/ports/work-index.ts";
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

    async waiting(integrationId, state, urgency, { until, limit }) {
      const range = workDue(integrationId, state, urgency, until);
      const found = await takeFrom(table.pages<Entry>(range, { index: "byWork", limit }), limit);
      return found.map(({ workSk }) => {
        const { id, ...work } = workIn(workSk);
        return { ...work, key: { integrationId, id } };
      });
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
