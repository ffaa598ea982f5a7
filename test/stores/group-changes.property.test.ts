import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import type { GroupStore } from "../../shared/provisioning/ports/directory-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { dyingClient } from "./faults.ts";
import { all, newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

type Model = { name: string; members: string[]; ends?: boolean };
type Step = {
  target: Model;
  death?: { nth: number; moment: "before" | "after" };
  pause: boolean;
  isAgain?: boolean;
};

const users = ["a", "b", "c", "d", "e", "f"];
const target = fc.oneof<{ arbitrary: fc.Arbitrary<Model>; weight: number }[]>(
  { weight: 4, arbitrary: fc.record({ name: fc.constantFrom("X", "Y"), members: fc.subarray(users) }) },
  { weight: 1, arbitrary: fc.constant({ name: "X", members: [], ends: true }) },
);
const step: fc.Arbitrary<Step> = fc.record(
  {
    target,
    death: fc.record({ nth: fc.integer({ min: 1, max: 9 }), moment: fc.constantFrom("before", "after") }),
    // Whether the lease of what died is over before the next step.
    pause: fc.boolean(),
    // The change of the step before is asked for once more.
    isAgain: fc.boolean(),
  },
  { requiredKeys: ["target", "pause"] },
);

it("keeps a group equal to the model, whichever changes die at whichever write", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      let clock = Date.now();
      const storeOn = (client = db.client): GroupStore =>
        createGroupStore({ client, tableName: db.stateTableName, now: () => clock });
      const groups = storeOn();
      const id = newId("group");
      let model: Model | undefined;
      const history: { version: number; members: string[] }[] = [];

      let asked: Model | undefined;
      for (const { target: given, death, pause, isAgain } of steps) {
        const target: Model = (isAgain && asked) || given;
        asked = target;
        clock += pause ? 60_000 : 1_000;
        const base = await groups.read(id);
        const held = model?.members ?? [];
        const change = {
          name: target.name,
          add: target.members.filter((user) => !held.includes(user)),
          remove: target.ends ? [] : held.filter((user) => !target.members.includes(user)),
          ...(target.ends && { ends: true as const }),
        };
        const writer = death ? storeOn(await dyingClient(db, death.nth, death.moment)) : groups;
        const result = await writer.change(id, base, change).catch((error: unknown) => error);

        const saved = await groups.read(id);
        const isSeen = saved !== undefined && saved.version !== base?.version;
        // A change that was answered has taken effect; one that failed may have, if it died after its last write.
        if (!(result instanceof Error)) expect(saved).toEqual(result);
        else if (!death) expect(result).toMatchObject({ code: "attempt-in-progress" });
        if (isSeen) model = target;
        const members = saved && (await all(groups.members(id, saved.version)));
        expect(saved && { name: saved.name, members, ...(saved.deleted && { ends: true }) }).toEqual(model);
        expect(saved?.memberCount).toBe(members?.length);
        if (!saved || !model) continue;
        if (isSeen) history.push({ version: saved.version, members: model.members });
        expect(await groups.membersAmong(id, saved.version, users)).toEqual(new Set(model.members));
        const { items } = await groups.page(saved, { limit: 50 });
        expect(items.filter(({ member }) => member).map(({ userId }) => userId)).toEqual(model.members);
      }

      const last = history.at(-1);
      for (const { version, members } of [{ version: 0, members: [] }, ...history]) {
        if (!last) continue;
        const changed = await groups.changedBetween(id, version, last.version);
        const differing = users.filter((user) => members.includes(user) !== last.members.includes(user));
        expect(changed).toEqual(expect.arrayContaining(differing));
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
