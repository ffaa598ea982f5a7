import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();
const asPatch = { "content-type": "application/merge-patch+json" };

const givenUser = async (fields: object = {}) => {
  const person = aPerson(fields);
  expect((await usher.call("PUT", `/users/${person.userId}`, person.user)).status).toBe(200);
  return { ...person, path: `/users/${person.userId}` };
};

test.each(["application/merge-patch+json", "application/json"])(
  "a patch sent as %s changes what it names, and null takes a field away",
  async (type) => {
    const { userId, user, path } = await givenUser({ jobTitle: "Engineer", department: "R&D" });
    const patch = { jobTitle: "Lead", department: null, company: null, suspended: true };
    const answer = await usher.call("PATCH", path, patch, { "content-type": type });
    const { department: _, ...kept } = user;
    const rest = { ...kept, jobTitle: "Lead", suspended: true };
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ userId, ...rest, updatedAt: expect.any(String) });
    expect((await usher.call("GET", path)).body).toMatchObject(rest);
  },
);

test("a patch reaches every integration that holds the user by itself", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const { userId, path } = await givenProvisioned(usher, provider, integration);
  expect((await usher.call("PATCH", `/users/${userId}`, { suspended: true }, asPatch)).status).toBe(200);
  await until(async () => (await provider.users())[0]?.active === false);
  await until(async () => (await usher.call("GET", path)).body.state === "in_sync");
  expect((await usher.call("GET", path)).body).toMatchObject({ desired: "inactive", active: false });
});

test("a patch that changes nothing writes nothing", async () => {
  const { user, path } = await givenUser();
  const { updatedAt } = (await usher.call("GET", path)).body;
  for (const patch of [{}, { firstname: user.firstname }, { jobTitle: null }])
    expect((await usher.call("PATCH", path, patch)).body.updatedAt).toBe(updatedAt);
});

test("lists are replaced as a whole", async () => {
  const { path } = await givenUser({ phoneNumbers: [{ type: "work", number: "1" }] });
  const phoneNumbers = [{ type: "home", number: "2" }];
  expect((await usher.call("PATCH", path, { phoneNumbers })).body).toMatchObject({ phoneNumbers });
});

test("of many patches at once none is lost", async () => {
  const { path } = await givenUser();
  const fields = ["jobTitle", "department", "company", "location", "costCenter", "employeeType"];
  const answers = await Promise.all(
    fields.map((field) => usher.call("PATCH", path, { [field]: `the ${field}` }, asPatch)),
  );
  expect(answers.map(({ status }) => status)).toEqual(fields.map(() => 200));
  expect((await usher.call("GET", path)).body).toMatchObject(
    Object.fromEntries(fields.map((field) => [field, `the ${field}`])),
  );
});

test.each([
  ["what the whole user needs is taken away", { email: null }, ["email"]],
  ["both names are taken away", { firstname: null, lastname: null }, ["firstname"]],
  ["a value is wrong", { suspended: "yes" }, ["suspended"]],
  ["a field is unknown", { nickname: "x" }, ["nickname"]],
  ["an element of a list is null", { phoneNumbers: [null] }, ["phoneNumbers.0"]],
  ["it is a list", [{ op: "replace" }], ["body"]],
  ["it is a text", '"x"', ["body"]],
  ["it is null", "null", ["body"]],
])("a patch is refused, and changes nothing, where %s", async (_, patch, errors) => {
  const { user, path } = await givenUser();
  const answer = await usher.call("PATCH", path, patch, asPatch);
  expect([answer.status, answer.body.code]).toEqual([400, "invalid-input"]);
  expect((answer.body.errors as { path: string }[]).map(({ path: at }) => at)).toEqual(errors);
  expect((await usher.call("GET", path)).body).toMatchObject(user);
});

test("a patch of nobody, of one who left, or of another type is refused", async () => {
  expect((await usher.call("PATCH", "/users/nobody-here", { suspended: true })).status).toBe(404);
  const { path } = await givenUser();
  expect((await usher.call("PATCH", path, "{}", { "content-type": "text/plain" })).status).toBe(415);
  await usher.call("DELETE", path);
  expect((await usher.call("PATCH", path, { suspended: false })).status).toBe(404);
});

test.each([
  ["firstname", "Sukarno", "name.familyName", "{firstname}"],
  ["lastname", "Teller", "name.givenName", "{lastname}"],
] as const)(
  "a person with a %s alone is saved, and refused only where a mapping wants the other",
  async (name, value, target, template) => {
    const { user, userId } = aPerson({ firstname: undefined, lastname: undefined, [name]: value });
    const path = `/users/${userId}`;
    expect((await usher.call("PUT", path, user)).status).toBe(200);
    expect((await usher.call("GET", path)).body).toMatchObject({ userId, [name]: value });
    expect((await usher.call("PATCH", path, { jobTitle: "Lead" })).status).toBe(200);

    const provider = await givenProvider(startScimmy);
    const strict = await givenIntegration(usher, provider);
    const refused = await usher.call("PUT", `${strict.path}/users/${userId}`);
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "mapping-failed", errors: [{ path: target }] },
    });
    expect(provider.requests).toEqual([]);

    const mapped = await givenProvider(startScimmy);
    const attributeMappings = [{ target, template }];
    const lenient = await givenIntegration(usher, mapped, { attributeMappings });
    expect((await usher.call("PUT", `${lenient.path}/users/${userId}`)).body).toMatchObject({
      action: "created",
    });
    expect(await mapped.users()).toMatchObject([{ resource: { displayName: value } }]);
    forget(mapped);
    expect((await usher.call("PUT", `${lenient.path}/users/${userId}`)).body).toMatchObject({
      action: "unchanged",
    });
  },
);

test("a name of blanks alone is refused", async () => {
  const { userId, user } = aPerson({ firstname: " ", lastname: " " });
  const { status, body } = await usher.call("PUT", `/users/${userId}`, user);
  expect([status, body.code]).toEqual([400, "invalid-input"]);
});
