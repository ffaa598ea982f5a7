import { expect, test } from "vitest";
import { defaultMapping } from "../../../shared/mapping/default-mapping.ts";
import { ENTERPRISE } from "../../providers/call.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  type Body,
  expectOk,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();
const given = async (fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  return { provider, ...(await givenIntegration(usher, provider, fields)) };
};
const rowsOf = async (path: string, query = "") =>
  expectOk(await usher.call("GET", `${path}/mapping${query}`)).body.rows as Body[];
const rowOf = (rows: Body[], target: string) => rows.find((row) => row.target === target);

const attributeMappings = [
  { target: "title", source: "attributes.position" },
  { target: "displayName", template: "{lastname}, {firstname}" },
  { target: "userType", exclude: true },
  { target: "preferredLanguage", constant: "en" },
  { target: 'emails[type eq "home"].value', source: "alternateEmail" },
];

test("without rows of its own an integration has the default ones, each with what it is made of", async () => {
  const { path } = await given();
  const rows = await rowsOf(path);
  expect(rows.map(({ target }) => target)).toEqual(defaultMapping.map(({ target }) => target));
  for (const row of rows) {
    expect(row).toMatchObject({ label: expect.stringMatching(/^[A-Z]/), origin: "default" });
    expect(row).not.toHaveProperty("value");
    expect(typeof row.source).toBe("string");
  }
  expect(rowOf(rows, "userName")).toEqual({
    target: "userName",
    label: "User name",
    source: "email",
    required: true,
    origin: "default",
  });
  expect(rowOf(rows, `${ENTERPRISE}:costCenter`)).toMatchObject({ label: "Cost center", required: false });
});

test("rows of its own replace, exclude and add, and what the provider requires is shown as required", async () => {
  const overrides = { requiredAttributes: ["title"] };
  const rows = await rowsOf((await given({ attributeMappings, overrides })).path);
  const origin = "integration";
  expect(rowOf(rows, "title")).toMatchObject({ source: "attributes.position", required: true, origin });
  expect(rowOf(rows, "displayName")).toMatchObject({ template: "{lastname}, {firstname}", origin });
  expect(rowOf(rows, "userType")).toMatchObject({ source: "employeeType", excluded: true, origin });
  expect(rowOf(rows, "preferredLanguage")).toMatchObject({ constant: "en", required: false, origin });
  expect(rowOf(rows, 'emails[type eq "home"].value')).toMatchObject({ source: "alternateEmail", origin });
});

test("with a user each row has the value that is sent, or why there is none", async () => {
  const integration = await given({ attributeMappings });
  const { provider, path } = integration;
  const boss = await givenProvisioned(usher, provider, integration);
  const { userId, user } = aPerson({ manager: boss.userId, alternateEmail: "Home@Example.com" });
  await usher.call("PUT", `/users/${userId}`, user);
  const rows = await rowsOf(path, `?userId=${userId}`);
  expect(provider.requests).toEqual([]);
  expect(rowOf(rows, "displayName")?.value).toBe(`${user.lastname}, ${user.firstname}`);
  expect(rowOf(rows, `${ENTERPRISE}:manager.value`)?.value).toBe(boss.remoteId);
  expect(rowOf(rows, "active")?.value).toBe(true);
  expect(rowOf(rows, 'emails[type eq "home"].value')?.value).toBe("home@example.com");
  expect(rowOf(rows, "title")).toMatchObject({ reason: "its source attributes.position is empty" });
  expect(rowOf(rows, "title")).not.toHaveProperty("value");
  expect(rowOf(rows, "userType")).not.toHaveProperty("value");

  expectOk(await usher.call("PUT", `${path}/users/${userId}`));
  expect(writes(provider)[0]?.body).toMatchObject({
    userName: rowOf(rows, "userName")?.value,
    emails: rowOf(rows, "emails")?.value,
  });
});

test("a user who cannot be mapped sees which value is missing beside all others", async () => {
  const { path } = await given({ attributeMappings: [{ target: "userName", source: "attributes.login" }] });
  const { userId, user } = aPerson();
  await usher.call("PUT", `/users/${userId}`, user);
  const rows = await rowsOf(path, `?userId=${userId}`);
  expect(rowOf(rows, "userName")).toMatchObject({
    reason: "userName is required, but its source attributes.login is empty",
  });
  expect(rowOf(rows, "name.givenName")?.value).toBe(user.firstname);
});

test("an unknown user, a deleted one and an unknown integration are 404, and a deleted integration is shown", async () => {
  const { path } = await given();
  const { userId, user } = aPerson();
  expect((await usher.call("GET", `${path}/mapping?userId=nobody`)).status).toBe(404);
  await usher.call("PUT", `/users/${userId}`, user);
  await usher.call("DELETE", `/users/${userId}`);
  expect((await usher.call("GET", `${path}/mapping?userId=${userId}`)).status).toBe(404);
  expect((await usher.call("GET", "/integrations/unknown/mapping")).status).toBe(404);
  await usher.call("DELETE", path);
  expect(await rowsOf(path)).toHaveLength(defaultMapping.length);
});
