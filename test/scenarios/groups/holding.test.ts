import { AsyncLocalStorage } from "node:async_hooks";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { expect, onTestFinished, test, vi } from "vitest";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import type { CallReads } from "../../../shared/provisioning/ports/call-reads.ts";
import { settleUserAttempt } from "../../../shared/provisioning/users/settle-user-attempt.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { makeAttempt } from "../../stores/samples.ts";
import {
  expectOk,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** What the store's stream wakes works beside a call. */
const { besideCalls } = vi.hoisted(() => ({ besideCalls: { now: (): boolean => false } }));
vi.mock("../../../functions/dispatch-changes.ts", async (original) => {
  const { handler } = await original<typeof import("../../../functions/dispatch-changes.ts")>();
  const work = new AsyncLocalStorage<true>();
  besideCalls.now = () => work.getStore() === true;
  return { handler: (...given: Parameters<typeof handler>) => work.run(true, () => handler(...given)) };
});

const givenMembers = async (count: number) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const members: string[] = [];
  for (let nth = 0; nth < count; nth += 1)
    members.push((await givenProvisioned(usher, provider, integration)).userId);
  const groupId = newId("group");
  const integrationId = integration.path.split("/").at(-1) ?? "";
  return { provider, integrationId, members, groupId, path: `${integration.path}/groups/${groupId}` };
};

/** The commands that calls send to the tables while `work` is under way, by name. */
const countCommands = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
  const names: string[] = [];
  const { send } = DynamoDBClient.prototype;
  const spy = vi.spyOn(DynamoDBClient.prototype, "send").mockImplementation(function (
    this: DynamoDBClient,
    ...sent: Parameters<typeof send>
  ) {
    if (!besideCalls.now()) names.push(sent[0].constructor.name);
    return send.apply(this, sent);
  });
  onTestFinished(() => spy.mockRestore());
  await work();
  spy.mockRestore();
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((n) => n === name).length]),
  );
};

test("members who are in sync are held without a read for each, and by one write", async () => {
  const { path, groupId, members } = await givenMembers(30);
  const counts = await countCommands(async () =>
    expectOk(await usher.call("PUT", path, { name: groupId, members })),
  );
  // Fewer than members: nothing is read for each of them.
  expect(Number(counts.GetItemCommand) + Number(counts.BatchGetItemCommand)).toBeLessThan(25);
  // One for each, and the group's own.
  expect(counts.UpdateItemCommand).toBeLessThanOrEqual(30 + 8);
  for (const userId of members) {
    const { body } = await usher.call("GET", path.replace(`groups/${groupId}`, `users/${userId}`));
    expect(body).toMatchObject({ assigned: { groups: [groupId] }, state: "in_sync" });
  }
});

test("one member more costs 15 requests to the store, and 3 for the event of the directory", async () => {
  const { path, groupId, members } = await givenMembers(4);
  expectOk(await usher.call("PUT", path, { name: groupId, members: members.slice(1) }));
  const counts = await countCommands(async () =>
    expectOk(await usher.call("POST", `${path}/members`, { add: members.slice(0, 1) })),
  );
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(15 + 3);
});

test("a member whose link others write to, after it was read to hold them, is held all the same", async () => {
  const { provider, integrationId, groupId, members } = await givenMembers(3);
  const [moved = ""] = members;
  const reads: CallReads = {
    ...ports.reads,
    users: async (...ids) => {
      const read = await ports.reads.users(...ids);
      const link = await ports.userLinks.read({ integrationId, id: moved });
      if (link) await ports.userLinks.note(link, link.rev, link.observed);
      return read;
    },
  };
  const until = Date.now() + 20_000;
  const actor = {
    initiatedBy: { type: "admin", id: "binder" },
    authMethod: "token",
    clientIp: "127.0.0.1",
    userAgent: "",
    correlation: { id: newId("bind"), type: "request" },
  };
  const receipt = await provisionGroup(
    Object.create(ports, { reads: { value: reads } }),
    { actor, sendUntil: until, answerUntil: until },
    { integrationId, groupId },
    { name: groupId, members },
  );
  expect(receipt).toMatchObject({ state: "in_sync", members: { added: 3, pending: [] } });
  expect((await ports.userLinks.read({ integrationId, id: moved }))?.assignment.groups).toEqual([groupId]);
  expect((await provider.groups())[0]?.members).toHaveLength(3);
});

test("recovery of a call that held one who had left meanwhile makes the group look at them again", async () => {
  const { integrationId, groupId, path, members } = await givenMembers(1);
  expectOk(await usher.call("PUT", path, { name: groupId, members }));
  const [userId = ""] = await givenSaved(usher, 1);
  const held = { direct: false, groups: [groupId], excluded: false };
  const attempt = makeAttempt(Date.now() - 1, integrationId);
  expect(await ports.userLinks.begin({ integrationId, id: userId }, 0, attempt, held)).toBe(true);
  expect(expectOk(await usher.call("GET", path)).body).toMatchObject({ state: "in_sync" });
  const link = await ports.userLinks.read({ integrationId, id: userId });
  const until = Date.now() + 20_000;
  if (link) await settleUserAttempt(ports, { sendUntil: until, answerUntil: until }, link);
  expect(expectOk(await usher.call("GET", path)).body).toMatchObject({ state: "pending" });
  expect(expectOk(await usher.call("PUT", path, { name: groupId })).body).toMatchObject({ state: "in_sync" });
  const status = await usher.call("GET", path.replace(`groups/${groupId}`, `users/${userId}`));
  expect(status.body).toMatchObject({ assigned: { groups: [] } });
});
