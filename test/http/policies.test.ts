import { afterAll, beforeAll, expect, test } from "vitest";
import { startScimmy } from "../providers/scimmy.ts";
import { useRun } from "./use-run.ts";

const run = useRun();
let provider: Awaited<ReturnType<typeof startScimmy>>;
beforeAll(async () => {
  provider = await startScimmy();
});
afterAll(() => provider?.close());

const activate = (fields: object) =>
  run.call("POST", "/integrations", {
    application: { name: "Wiki" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
    allowSharedTarget: true,
    ...fields,
  });

test("policies are shown whole, and a patch changes what it names", async () => {
  const { status, body } = await activate({ policies: { deleteAfter: "30d" } });
  expect(status).toBe(201);
  const whole = {
    onUserUnassigned: "deprovision",
    onUserDeleted: "delete",
    onGroupDeleted: "empty",
    deleteAfter: "30d",
    unassignedGrace: "1m",
    accessOpenAfter: "5m",
    guard: { users: 10, percent: 10, most: 50 },
  };
  expect(body.policies).toEqual(whole);
  const path = `/integrations/${body.integrationId}`;
  const policies = { onGroupDeleted: "delete", unassignedGrace: "0" };
  expect((await run.call("PATCH", path, { policies })).body.policies).toEqual({ ...whole, ...policies });
  expect((await run.call("GET", path)).body.policies).toEqual({ ...whole, ...policies });
});

test("an application is described, and its label, bookmark and description change", async () => {
  const { body } = await activate({
    application: { name: "Wiki", description: "Where we write things down" },
  });
  expect(body.application).toEqual({ name: "Wiki", description: "Where we write things down" });
  const application = {
    displayLabel: "Handbook",
    bookmarkUrl: "https://wiki.example.com/",
    description: "For everybody",
  };
  const patched = await run.call("PATCH", `/integrations/${body.integrationId}`, { application });
  expect(patched.body.application).toEqual({ name: "Wiki", ...application });
});

test.each([
  [{ policies: { deleteAfter: "30" } }, "policies.deleteAfter"],
  [{ policies: { deleteAfter: "1w" } }, "policies.deleteAfter"],
  [{ policies: { unassignedGrace: 60 } }, "policies.unassignedGrace"],
  [{ policies: { onGroupDeleted: "keep" } }, "policies.onGroupDeleted"],
  [{ application: { description: "" } }, "application.description"],
  [{ application: { description: "a\u0000b" } }, "application.description"],
])("a patch with %j is refused by its field", async (patch, path) => {
  const { body } = await activate({});
  const answer = await run.call("PATCH", `/integrations/${body.integrationId}`, patch);
  expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input", errors: [{ path }] } });
});
