import { expect, test } from "vitest";
import { changeSavedMembers } from "../../../shared/directory/save-group.ts";
import { saveDirectoryUser } from "../../../shared/directory/save-user.ts";
import { updateIntegration } from "../../../shared/integrations/update-integration.ts";
import type { ChangeMembersInput, UpdateInput } from "../../../shared/model/inputs.ts";
import { changeGroupMembers } from "../../../shared/provisioning/calls/change-group-members.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { givenService } from "./minutes.ts";

/** Two groups that are bound, and one person who is in the first of them alone. */
const given = async (policies?: UpdateInput["policies"]) => {
  const service = await givenService();
  const { ports, call, run, integrationId, provider } = service;
  const user = { email: "ada@example.com", firstname: "Ada", lastname: "Lovelace" };
  const save = (fields: object = {}) =>
    run(saveDirectoryUser({ ports, call: call() }, "ada", { ...user, ...fields }));
  await save();
  await service.provision("other");
  for (const [groupId, members] of [
    ["from", ["ada", "other"]],
    ["to", ["other"]],
  ] as const)
    await run(
      provisionGroup(ports, call(), { integrationId, groupId }, { name: groupId, members: [...members] }),
    );
  if (policies)
    await run(updateIntegration(ports, call(), { integrationId }, { policies, test: { mode: "read" } }));
  const change = (groupId: string, input: ChangeMembersInput) =>
    run(changeSavedMembers({ ports, call: call() }, groupId, input));
  const isOpen = async () =>
    (await provider.users()).find(({ userName }) => userName === user.email)?.active === true;
  const membersOf = async (name: string) =>
    (await provider.groups()).find(({ displayName }) => displayName === name)?.members.length;
  return { ...service, save, change, isOpen, membersOf };
};

test("who loses the last group by itself loses it at once, and the account after the grace", async () => {
  const { change, minutes, isOpen, membersOf } = await given({ unassignedGrace: "10m" });
  await change("from", { remove: ["ada"] });
  await minutes(2);
  expect([await membersOf("from"), await isOpen()]).toEqual([1, true]);
  await minutes(6);
  expect(await isOpen()).toBe(true);
  await minutes(4);
  expect(await isOpen()).toBe(false);
});

test("who is moved from one group to another by two changes keeps the account open", async () => {
  const { change, minutes, isOpen, membersOf, eventsOf } = await given({ unassignedGrace: "10m" });
  await change("from", { remove: ["ada"] });
  await minutes(3);
  await change("to", { add: ["ada"] });
  await minutes(20);
  expect([await membersOf("from"), await membersOf("to"), await isOpen()]).toEqual([1, 2, true]);
  expect(eventsOf("user_deprovision")).toEqual([]);
});

test("without a word the grace is a minute", async () => {
  const { change, minutes, isOpen } = await given();
  await change("from", { remove: ["ada"] });
  await minutes(2);
  expect(await isOpen()).toBe(true);
  await minutes(1);
  expect(await isOpen()).toBe(false);
});

test("a grace of nothing shuts the account out at once", async () => {
  const { change, minutes, isOpen } = await given({ unassignedGrace: "0" });
  await change("from", { remove: ["ada"] });
  await minutes(2);
  expect(await isOpen()).toBe(false);
});

test("who is suspended in the directory has no grace", async () => {
  const { change, save, minutes, isOpen } = await given({ unassignedGrace: "30m" });
  await change("from", { remove: ["ada"] });
  await minutes(2);
  expect(await isOpen()).toBe(true);
  await save({ suspended: true });
  await minutes(2);
  expect(await isOpen()).toBe(false);
});

test("a call that takes the last group away gives no grace", async () => {
  const { ports, call, run, integrationId, isOpen } = await given({ unassignedGrace: "30m" });
  await run(changeGroupMembers(ports, call(), { integrationId, groupId: "from" }, { remove: ["ada"] }));
  expect(await isOpen()).toBe(false);
});
