import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  eventsOf,
  expectOk,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const [ada = "", bob = ""] = await givenSaved(usher, 2);
  const first = await givenGroup(usher, provider, integration, [ada, bob]);
  const second = await givenGroup(usher, provider, integration, [ada]);
  const groups = [first.groupId, second.groupId].toSorted();
  return { provider, integration, ada, bob, first, groups, path: `${integration.path}/users/${ada}` };
};
const lastOf = async (userId: string) => (await eventsOf(usher, `userId=${userId}`)).at(-1);

test("a deprovision lists the memberships that end with the account, and a reactivation those that come back", async () => {
  const { ada, groups, path } = await given();
  await usher.call("PATCH", `/users/${ada}`, { suspended: true });
  expectOk(await usher.call("PUT", path));
  expect(await lastOf(ada)).toMatchObject({ event_type: "user_deprovision", memberships_ended: groups });
  await usher.call("PATCH", `/users/${ada}`, { suspended: false });
  expectOk(await usher.call("PUT", path));
  const events = await eventsOf(usher, `userId=${ada}&eventType=user_update_provision`);
  expect(events.at(-1)).toMatchObject({ memberships_restored: groups });
  expect(events.at(-1)).not.toHaveProperty("memberships_ended");
});

test("a leaver's deletion lists the memberships that end with the account", async () => {
  const { ada, groups } = await given();
  expectOk(await usher.call("DELETE", `/users/${ada}`));
  const [event] = await eventsOf(usher, `userId=${ada}&eventType=user_delete_provision`);
  expect(event).toMatchObject({ memberships_ended: groups });
});

test("a membership that never came to be, or that ended before, does not end with the account", async () => {
  const { provider, integration, bob, first } = await given();
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "Full.") : undefined;
  const refused = newId("group");
  await usher.call("PUT", `${integration.path}/groups/${refused}`, { name: refused, members: [bob] });
  provider.intercept = undefined;
  expectOk(await usher.call("POST", `${first.path}/members`, { remove: [bob] }));
  await usher.call("DELETE", `${integration.path}/users/${bob}`);
  const event = (await eventsOf(usher, `userId=${bob}&eventType=user_deprovision`)).at(-1);
  expect(event).toMatchObject({ success: true });
  expect(event?.memberships_ended ?? []).not.toContain(first.groupId);
  expect(event?.memberships_ended ?? []).not.toContain(refused);
});

test("a deprovision that fails ends none", async () => {
  const { provider, ada, path } = await given();
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(403, "No.") : undefined);
  await usher.call("DELETE", path);
  provider.intercept = undefined;
  expect(await lastOf(ada)).toMatchObject({ event_type: "user_deprovision", success: false });
  expect(await lastOf(ada)).not.toHaveProperty("memberships_ended");
});
