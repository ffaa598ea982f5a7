import { expect, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { givenQuirky, lastEventOf } from "../../support/quirks.ts";
import {
  detailsOf,
  eventTypesOf,
  expectOk,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** A provider with these quirks, and an analyst there. */
const given = async (switches: Switches, fields: object = {}) => {
  const { provider, integration } = await givenQuirky(usher, switches);
  const phoneNumbers = [{ type: "work", number: "1" }];
  const details = { jobTitle: "Analyst", phoneNumbers, ...fields };
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration, details)) };
};
const accountOf = async (provider: { users(): Promise<{ resource: object }[]> }) =>
  (await provider.users())[0]?.resource;

test.each<[string, Switches, object, object]>([
  ["by path", { ignoresSaid: ["path"] }, { jobTitle: "Engineer" }, { title: "Engineer" }],
  [
    "by a dotted path",
    { ignoresSaid: ["dotted"] },
    { firstname: "Augusta" },
    { name: { givenName: "Augusta" } },
  ],
  [
    "as an element's place in a list that is merged",
    { mergesLists: true },
    { phoneNumbers: [{ type: "mobile", number: "2" }] },
    { phoneNumbers: [{ type: "mobile", value: "2" }] },
  ],
])(
  "a change %s that is ignored is said another way by the same call",
  async (_, switches, fields, expected) => {
    const { provider, path, user } = await given(switches);
    // What follows from other fields is sent as it is.
    const changed = { displayname: `${user.firstname} ${user.lastname}`, ...user, ...fields };
    expect((await usher.call("PUT", path, changed)).body).toMatchObject({
      action: "updated",
      state: "in_sync",
    });
    expect(writes(provider)).toHaveLength(2);
    expect(await accountOf(provider)).toMatchObject(expected);
    expect((await accountOf(provider)) as { name: object }).toMatchObject({
      name: { familyName: user.lastname },
    });
    forget(provider);
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
    expect(provider.requests).toEqual([]);
  },
);

test("a part of a name that is nobody's of ours outlives a whole name, where that is what works", async () => {
  const { provider, integration, path, user } = await given({ ignoresSaid: ["dotted"] });
  const displayname = `${user.firstname} ${user.lastname}`;
  expectOk(await usher.call("PUT", path, { ...user, displayname, firstname: "Augusta" }));
  const other = await givenProvisioned(usher, provider, integration, { displayname: "Noor" });
  const title = patchOp({ op: "replace", value: { name: { honorificPrefix: "Dr" } } });
  await call(provider, "PATCH", `/Users/${other.remoteId}`, title);
  forget(provider);
  expectOk(await usher.call("PUT", other.path, { ...other.user, firstname: "Noor" }));
  expect(provider.requests.map(({ method }) => method)).toEqual(["GET", "PATCH"]);
  const [sent] = writes(provider).map(({ body }) => (body as { Operations: object[] }).Operations[0]);
  expect(sent).toMatchObject({ value: { name: { honorificPrefix: "Dr", givenName: "Noor" } } });
});

test("a new value that an answer leaves out, and that others have shown, is said another way, or unconfirmed", async () => {
  const { provider, integration, path, user } = await given({});
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Engineer" }));
  const other = await givenProvisioned(usher, provider, integration);
  const titled = { ...other.user, jobTitle: "Engineer" };
  Object.assign(provider.switches, { ignoresOps: ["set"] });
  expect((await usher.call("PUT", other.path, titled)).body).toMatchObject({ state: "unconfirmed" });
  expect((await usher.call("GET", other.path)).body).toMatchObject({
    expected: { title: "Engineer" },
    seen: { title: null },
  });
  Object.assign(provider.switches, { ignoresOps: undefined, ignoresSaid: ["path"] });
  forget(provider);
  expect((await usher.call("PUT", other.path)).body).toMatchObject({ state: "in_sync" });
  expect(writes(provider)).toHaveLength(2);
  expect((await provider.users()).map(({ resource }) => resource.title)).toEqual(["Engineer", "Engineer"]);
});

test("what works is said first to the next user", async () => {
  const { provider, integration, path, user } = await given({ ignoresSaid: ["path"] });
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Engineer" }));
  const other = await givenProvisioned(usher, provider, integration, { jobTitle: "Analyst" });
  expectOk(await usher.call("PUT", other.path, { ...other.user, jobTitle: "Engineer" }));
  expect(writes(provider)).toHaveLength(1);
});

test.each<[string, Switches, object, string[]]>([
  ["by path, with 200", { ignoresSaid: ["path"] }, {}, ["PATCH", "PATCH"]],
  [
    "without a path, with 200",
    { ignoresSaid: ["pathless"] },
    { patchPathStyle: "pathless" },
    ["PATCH", "PATCH"],
  ],
  [
    "by path, with 204",
    { ignoresSaid: ["path"], patchAnswers204: true },
    {},
    ["PATCH", "GET", "PATCH", "GET"],
  ],
  [
    "without a path, with 204",
    { ignoresSaid: ["pathless"], patchAnswers204: true },
    { patchPathStyle: "pathless" },
    ["PATCH", "GET", "PATCH", "GET"],
  ],
])(
  "a deactivation %s that is ignored is said the other way by the same call, and so from then on",
  async (_, switches, overrides, requests) => {
    const { provider, integration } = await givenQuirky(usher, switches, { overrides });
    const first = await givenProvisioned(usher, provider, integration);
    const second = await givenProvisioned(usher, provider, integration);
    const shut = { action: "deprovisioned", state: "in_sync", active: false };
    expect((await usher.call("PUT", first.path, { ...first.user, suspended: true })).body).toMatchObject(
      shut,
    );
    expect(provider.requests.map(({ method }) => method)).toEqual(requests);
    expect((await provider.users()).map(({ active }) => active)).toEqual([false, true]);
    forget(provider);
    expect((await usher.call("DELETE", second.path)).body).toMatchObject({ action: "deprovisioned" });
    expect(writes(provider)).toHaveLength(1);
    expect((await provider.users()).map(({ active }) => active)).toEqual([false, false]);
  },
);

test("deactivations that are ignored side by side are all said the other way", async () => {
  const { provider, integration } = await givenQuirky(usher, { ignoresSaid: ["path"] });
  const people = [];
  for (let count = 0; count < 4; count += 1)
    people.push(await givenProvisioned(usher, provider, integration));
  const answers = await Promise.all(
    people.map(({ path, user }) => usher.call("PUT", path, { ...user, suspended: true })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await provider.users()).map(({ active }) => active)).toEqual([false, false, false, false]);
});

test("a deactivation without a body is read back once, and then believed", async () => {
  const { provider, integration } = await givenQuirky(usher, { patchAnswers204: true });
  for (const requests of [["PATCH", "GET"], ["PATCH"]]) {
    const { path, user } = await givenProvisioned(usher, provider, integration);
    expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
    expect(provider.requests.map(({ method }) => method)).toEqual(requests);
  }
});

test("an account that is created inactive, and opened in one of two ways alone, is opened by the same call", async () => {
  const { provider, user, path } = await givenQuirky(usher, {
    createsInactive: "opens",
    ignoresSaid: ["path"],
  });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "in_sync", active: true });
  expect(writes(provider).map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH"]);
});

test("a clear that is ignored is an empty value in the same call", async () => {
  const { provider, path, user } = await given({ ignoresSaid: ["remove"], clearRefused: true });
  expect((await usher.call("PUT", path, { ...user, jobTitle: undefined })).body.state).toBe("in_sync");
  expect(writes(provider)).toHaveLength(2);
  expect(await accountOf(provider)).toMatchObject({ title: "" });
});

test("what is new is added where a replace needs a value that is there, with all that goes out beside it", async () => {
  const { provider, path, user } = await given({ replaceNeedsValue: true }, { jobTitle: undefined });
  const changed = { ...user, jobTitle: "Engineer", lastname: "King", department: "R&D" };
  expect((await usher.call("PUT", path, changed)).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  expect(writes(provider).map(({ status }) => status)).toEqual([400, 200]);
  expect(await accountOf(provider)).toMatchObject({
    title: "Engineer",
    name: { familyName: "King" },
    [enterprise]: { department: "R&D" },
  });
});

test("what can neither be replaced nor added is a refusal in the provider's words, and keeps no account open", async () => {
  const { provider, path, user } = await given({ replaceNeedsValue: "and no add" }, { jobTitle: undefined });
  const { status, body } = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(writes(provider)).toHaveLength(2);
  expect((await usher.call("PUT", path, { ...user, suspended: true })).body).toMatchObject({ active: false });
});

test("what a refused change has done before the refused part is put right with the directory", async () => {
  const { provider, path, user } = await given(
    { refusesValue: "forbidden", keepsFirstOps: true },
    { displayname: "Ada A" },
  );
  const refused = await usher.call("PUT", path, { ...user, displayname: "Ada B", jobTitle: "forbidden" });
  expect([refused.status, writes(provider).length]).toEqual([502, 1]);
  expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  expect(await accountOf(provider)).toMatchObject({ displayName: "Ada B" });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await accountOf(provider)).toMatchObject({ displayName: "Ada A", title: "Analyst" });
});

test("what a refused change of an account that was found has done is put right with the directory", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, {
    refusesValue: "forbidden",
    keepsFirstOps: true,
  });
  provider.addUser({ userName: user.email, displayName: "Theirs", title: "Theirs", externalId: userId });
  const refused = await usher.call("PUT", path, { ...user, displayname: "Ours", jobTitle: "forbidden" });
  expect(refused.status).toBe(502);
  expect(await accountOf(provider)).toMatchObject({ displayName: "Ours" });
  const wanted = { ...user, displayname: "Theirs", jobTitle: "Theirs" };
  expect((await usher.call("PUT", path, wanted)).body).toMatchObject({ state: "in_sync" });
  expect(await accountOf(provider)).toMatchObject({ displayName: "Theirs" });
});

test("an account that is created inactive is opened by the same call", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, { createsInactive: "opens" });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({
    action: "created",
    state: "in_sync",
    active: true,
  });
  expect(writes(provider).map(({ method }) => method)).toEqual(["POST", "PATCH"]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_update_provision",
  ]);
});

test("an account that is created inactive by a 201 that is broken off is read once, and opened by the same call", async () => {
  const { provider, user, path } = await givenQuirky(usher, { createsInactive: "opens", cutsCreated: true });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", state: "in_sync" });
  expect(provider.requests.map(({ method }) => method)).toEqual(["GET", "POST", "GET", "PATCH"]);
  expect(await provider.users()).toMatchObject([{ active: true }]);
});

test("an account that is created inactive and stays so is unconfirmed, and opened by a later call", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, { createsInactive: "stays" });
  const made = await usher.call("PUT", path, user);
  expect(made.status).toBe(200);
  expect(made.body).toMatchObject({ action: "created", state: "unconfirmed", active: false });
  expect(made.body.reason).toContain("active");
  expect(writes(provider).map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH"]);
  expect(detailsOf(await lastEventOf(usher, `userId=${userId}`))).toMatch(/^Unconfirmed: .* active\.$/m);
  expect((await usher.call("GET", path)).body).toMatchObject({
    state: "unconfirmed",
    active: false,
    expected: { active: true },
    seen: { active: false },
  });
  Object.assign(provider.switches, { createsInactive: undefined });
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync", active: true });
  expect(writes(provider)).toHaveLength(1);
});

test.each<[string, object]>([
  ["found", { active: false }],
  ["reactivated", {}],
])("an account that is %s and stays inactive is unconfirmed", async (how, fields) => {
  const { provider, userId, user, path } = await givenQuirky(usher, {});
  if (how === "found") provider.addUser({ userName: user.email, externalId: userId, ...fields });
  else {
    expectOk(await usher.call("PUT", path, user));
    expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  }
  Object.assign(provider.switches, { createsInactive: "stays" });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "unconfirmed", active: false });
  expect((await usher.call("GET", path)).body).toMatchObject({ expected: { active: true } });
});

test("on strongDM a name, an e-mail and a department change in one request", async () => {
  const provider = await givenProvider(() => startStrongDm());
  const integration = await givenIntegration(usher, provider);
  const { path, user } = await givenProvisioned(usher, provider, integration, { department: "Sales" });
  const changed = { ...user, lastname: "King", email: `new-${user.email}`, department: "R&D" };
  expect((await usher.call("PUT", path, changed)).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  expect(writes(provider)).toHaveLength(1);
  expect(await accountOf(provider)).toMatchObject({
    userName: changed.email,
    name: { familyName: "King" },
    [enterprise]: { department: "R&D" },
  });
});
