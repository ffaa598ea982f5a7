import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { givenQuirky } from "../../support/quirks.ts";
import { aPerson, eventTypesOf, givenSaved, newId, useUsher } from "../../support/steps.ts";

/** Whether the tables take a request now, and how many they have refused. */
const table = vi.hoisted(() => ({ takes: (_operation: string): boolean => true, refused: 0 }));
vi.mock("../../../infra/local/in-process/commands.ts", async (original) => {
  const { answerInProcess } = await original<typeof import("../../../infra/local/in-process/commands.ts")>();
  const { AwsError } = await import("../../../infra/local/signing/aws-error.ts");
  const answerTightly: typeof answerInProcess = (client, call) =>
    answerInProcess(client, async (operation, input) => {
      if (table.takes(operation)) return call(operation, input);
      table.refused += 1;
      throw new AwsError(400, { __type: "ProvisionedThroughputExceededException", message: "slow down" });
    });
  return { answerInProcess: answerTightly };
});

const usher = useUsher();
const given = async (count: number) => {
  Object.assign(table, { takes: () => true, refused: 0 });
  const { provider, integration } = await givenQuirky(usher, {});
  return { provider, path: integration.path, members: await givenSaved(usher, count) };
};

test.each<[string, () => (operation: string) => boolean]>([
  [
    "in bursts of two seconds",
    () => {
      const from = Date.now();
      return () => (Date.now() - from) % 3_000 >= 2_000;
    },
  ],
  [
    "half of all that comes",
    () => {
      let count = 0;
      return () => ++count % 2 === 0;
    },
  ],
  [
    "writes for five seconds",
    () => {
      const until = Date.now() + 5_000;
      return (operation) => Date.now() > until || /Get|Query/.test(operation);
    },
  ],
])("a group with new members is provisioned in one call although the tables refuse %s", async (_, tight) => {
  const { provider, path, members } = await given(12);
  const groupId = newId("group");
  table.takes = tight();
  const began = Date.now();
  const { status, body } = await usher.call("PUT", `${path}/groups/${groupId}`, { name: groupId, members });
  expect(Date.now() - began).toBeLessThan(25_000);
  table.takes = () => true;
  expect(table.refused).toBeGreaterThan(5);
  expect([status, body.state]).toEqual([200, "in_sync"]);
  expect((await provider.groups()).map((group) => group.members.length)).toEqual([12]);
  expect(provider.requests.filter(({ method }) => method === "POST")).toHaveLength(13);
  const types = await eventTypesOf(usher, `groupId=${groupId}`);
  expect(types.filter((type) => type.startsWith("!"))).toEqual([]);
});

test("tables that take nothing for the whole call end it in time with 503, nothing is sent, and the same call again is done", async () => {
  const { provider, path } = await given(0);
  const { userId, user } = aPerson();
  const at = `${path}/users/${userId}`;
  table.takes = () => false;
  const began = Date.now();
  const refused = await usher.call("PUT", at, user);
  expect(Date.now() - began).toBeLessThan(25_000);
  expect(Date.now() - began).toBeGreaterThan(20_000);
  expect(refused).toMatchObject({ status: 503, body: { code: "store-unavailable" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(provider.requests).toEqual([]);
  table.takes = () => true;
  expect(await usher.call("PUT", at)).toMatchObject({ status: 404 });
  expect(await usher.call("PUT", at, user)).toMatchObject({ status: 200, body: { action: "created" } });
});

test("tables that take no write once an account is made lose nothing: it is one account, and one event tells of it", async () => {
  const { provider, path } = await given(0);
  const { userId, user } = aPerson();
  const at = `${path}/users/${userId}`;
  provider.intercept = ({ method }) => {
    if (method === "POST") table.takes = (operation) => /Get|Query/.test(operation);
    return undefined;
  };
  const cut = await usher.call("PUT", at, user);
  expect([cut.status, Number(cut.headers.get("retry-after")) > 0]).toEqual([503, true]);
  provider.intercept = undefined;
  table.takes = () => true;
  // The lease of the attempt could not be ended, so that it ends by itself, when the answer says.
  const early = await usher.call("PUT", at);
  expect([early.status, early.body.state]).toEqual([202, "pending"]);
  await sleep(1_000 * Number(early.headers.get("retry-after")) + 1_000);
  expect(await usher.call("PUT", at)).toMatchObject({ status: 200, body: { state: "in_sync" } });
  expect(await provider.users()).toHaveLength(1);
  expect(await eventTypesOf(usher, `userId=${userId}&success=true`)).toEqual(["user_create_provision"]);
});
