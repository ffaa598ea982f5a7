import { expect, test } from "vitest";
import { aUser, enterpriseUrn, patch, useScim } from "./use-scim.ts";

const usher = useScim();

const whole = () =>
  aUser({
    externalId: "ext-Whole",
    displayName: "Countess of Lovelace",
    title: "Analyst",
    userType: "Employee",
    emails: [
      { value: "home@example.com", type: "home" },
      { value: `work.${Date.now()}@example.com`, type: "work", primary: true },
    ],
    phoneNumbers: [{ value: "+1 555 0100" }, { value: "+1 555 0101", type: "mobile" }],
    addresses: [{ type: "work", streetAddress: "1 Main St\nFloor 2", locality: "Boulder", country: "US" }],
    [enterpriseUrn]: {
      employeeNumber: "701984",
      costCenter: "4130",
      organization: "Example",
      department: "R&D",
      manager: { value: "CN=Charles,OU=People" },
    },
  });

test("a user is made with all that was sent, and is shown so to the source and to callers", async () => {
  const source = await usher.newSource();
  const sent = whole();
  const made = await source.scim("POST", "/Users", sent);
  expect(made.status).toBe(201);
  expect(made.headers.get("content-type")).toBe("application/scim+json");
  const { id, meta, schemas, ...attributes } = made.body;
  expect(made.headers.get("location")).toBe(`${usher.url()}/scim/v2/Users/${id}`);
  expect(meta).toMatchObject({
    resourceType: "User",
    location: made.headers.get("location"),
    version: 'W/"1"',
  });
  expect(made.headers.get("etag")).toBe('W/"1"');
  const { schemas: _, ...said } = sent;
  expect(attributes).toEqual(said);
  expect((await source.scim("GET", `/Users/${id}`)).body).toEqual(made.body);
  const { body: user } = await usher.call("GET", `/users/${id}`);
  expect(user).toMatchObject({
    username: sent.userName,
    email: sent.emails[1]?.value,
    firstname: "Ada",
    jobTitle: "Analyst",
    company: "Example",
    source: { sourceId: source.sourceId, userName: sent.userName, externalId: "ext-Whole" },
  });
  expect(user.suspended).toBeUndefined();
});

test("a user without an address and without names is taken", async () => {
  const source = await usher.newSource();
  const made = await source.scim("POST", "/Users", { userName: "just-a-name" });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ userName: "just-a-name", active: true });
  expect(made.body.emails).toBeUndefined();
  expect((await usher.call("GET", `/users/${made.body.id}`)).body.email).toBeUndefined();
});

test("each change of a source leaves one event of the directory, by the source, under the correlation of its request", async () => {
  const source = await usher.newSource();
  const { body, headers } = await source.scim("POST", "/Users", aUser());
  await source.scim("PATCH", `/Users/${body.id}`, patch({ op: "Replace", path: "active", value: "False" }));
  await source.scim("PATCH", `/Users/${body.id}`, patch({ op: "Replace", path: "active", value: "False" }));
  const events = await usher.eventsOf(`userId=${body.id}&order=asc`);
  expect(events.map((event) => event.event_type)).toEqual(["user_create", "user_update"]);
  expect(events[0].initiated_by).toMatchObject({ type: "source", id: source.sourceId });
  expect(events[0].correlation).toMatchObject({ id: headers.get("x-correlation-id") });
  expect(events[1].changes).toContainEqual({ field: "suspended", to: true });
});

test("what another source has is not there, and its name may be another person's elsewhere", async () => {
  const [one, other] = [await usher.newSource(), await usher.newSource()];
  const { body } = await one.scim("POST", "/Users", aUser());
  for (const [method, sent] of [["GET"], ["PUT", aUser()], ["PATCH", patch()], ["DELETE"]] as const)
    expect((await other.scim(method, `/Users/${body.id}`, sent)).status).toBe(404);
  expect(
    (await other.scim("GET", `/Users?filter=${encodeURIComponent(`id eq "${body.id}"`)}`)).body.totalResults,
  ).toBe(0);
});

test("a user whom another source has is refused by their name", async () => {
  const [one, other] = [await usher.newSource(), await usher.newSource()];
  const user = aUser();
  await one.scim("POST", "/Users", user);
  const refused = await other.scim("POST", "/Users", user);
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ status: "409", scimType: "uniqueness" });
});

test("of two creations of one user at once one is refused and one made", async () => {
  const source = await usher.newSource();
  const user = aUser();
  const answers = await Promise.all([1, 2, 3, 4].map(() => source.scim("POST", "/Users", user)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
});

test("PUT replaces all but who may come in, and tells one version from the next", async () => {
  const source = await usher.newSource();
  const { body } = await source.scim("POST", "/Users", { ...whole(), active: false });
  const path = `/Users/${body.id}`;
  const stale = await source.scim("PUT", path, { userName: body.userName }, { "if-match": 'W/"7"' });
  expect(stale.status).toBe(412);
  const put = await source.scim("PUT", path, { userName: body.userName }, { "if-match": 'W/"1"' });
  expect(put.status).toBe(200);
  const { id, schemas, meta, ...attributes } = put.body;
  expect(attributes).toEqual({ userName: body.userName, active: false });
  expect(put.headers.get("etag")).toBe('W/"2"');
  expect((await source.scim("GET", path, undefined, { "if-none-match": 'W/"2"' })).status).toBe(304);
});

test("a PATCH that fails half-way changes nothing", async () => {
  const source = await usher.newSource();
  const { body } = await source.scim("POST", "/Users", aUser());
  const refused = await source.scim(
    "PATCH",
    `/Users/${body.id}`,
    patch({ op: "replace", path: "title", value: "Boss" }, { op: "replace", path: "nowhere", value: "x" }),
  );
  expect(refused.body).toMatchObject({ status: "400", scimType: "invalidPath" });
  expect((await source.scim("GET", `/Users/${body.id}`)).body).toEqual(body);
});

test("two writers at once never lose each other's change", async () => {
  const source = await usher.newSource();
  const { body } = await source.scim("POST", "/Users", aUser());
  const replace = (path: string) =>
    source.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", path, value: path }));
  await Promise.all(["title", "userType", "displayName", "name.middleName"].map(replace));
  expect((await source.scim("GET", `/Users/${body.id}`)).body).toMatchObject({
    title: "title",
    userType: "userType",
    displayName: "displayName",
    name: { middleName: "name.middleName" },
  });
});

test("what a call changes is shown to the source, and what the source does not touch stays as the call has it", async () => {
  const source = await usher.newSource();
  const { body } = await source.scim("POST", "/Users", whole());
  const changes = { jobTitle: "Countess", location: "London", phoneNumbers: [{ type: "work", number: "1" }] };
  await usher.call("PATCH", `/users/${body.id}`, changes);
  const seen = await source.scim("GET", `/Users/${body.id}`);
  expect(seen.body).toMatchObject({ title: "Countess", phoneNumbers: [{ type: "work", value: "1" }] });
  await source.scim("PATCH", `/Users/${body.id}`, patch({ op: "replace", value: { userType: "Temp" } }));
  expect((await usher.call("GET", `/users/${body.id}`)).body).toMatchObject({
    ...changes,
    employeeType: "Temp",
  });
});

test("a deleted user is suspended, gone for the source, and the same one when it is made again", async () => {
  const source = await usher.newSource();
  const user = aUser();
  const { body } = await source.scim("POST", "/Users", user);
  expect((await source.scim("DELETE", `/Users/${body.id}`)).status).toBe(204);
  for (const method of ["GET", "DELETE"])
    expect((await source.scim(method, `/Users/${body.id}`)).status).toBe(404);
  expect((await source.scim("GET", "/Users")).body.totalResults).toBe(0);
  const left = (await usher.call("GET", `/users/${body.id}`)).body;
  expect(left).toMatchObject({ suspended: true });
  expect(left.source).toBeUndefined();
  const again = await source.scim("POST", "/Users", user);
  expect(again.status).toBe(201);
  expect(again.body).toMatchObject({ id: body.id, active: true });
});

test("a source that deletes is the leaver call", async () => {
  const source = await usher.newSource({ onDelete: "delete" });
  const user = aUser();
  const { body } = await source.scim("POST", "/Users", user);
  expect((await source.scim("DELETE", `/Users/${body.id}`)).status).toBe(204);
  expect((await source.scim("DELETE", `/Users/${body.id}`)).status).toBe(404);
  expect((await usher.eventsOf(`userId=${body.id}`))[0].event_type).toBe("user_delete");
  const again = await source.scim("POST", "/Users", user);
  expect(again.status).toBe(201);
  expect(again.body.id).not.toBe(body.id);
});

test("of two sources that make one person at once one has the person, and shows the other the conflict", async () => {
  const sources = [await usher.newSource(), await usher.newSource()];
  for (const more of [{}, { emails: [] }, { userName: undefined }]) {
    const person = aUser(more);
    const as = (at: number) => ({
      ...person,
      userName: person.userName ?? `${at}.${person.emails[0]?.value}`,
    });
    const made = await Promise.all(sources.map(({ scim }, at) => scim("POST", "/Users", as(at))));
    expect(made.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const [won, lost] = made[0]?.status === 201 ? [0, 1] : [1, 0];
    expect(made[lost]?.body).toMatchObject({ scimType: "uniqueness" });
    expect(made[lost]?.text).not.toContain(made[won]?.body.id);
    const { body } = await usher.call("GET", `/sources/${sources[lost]?.sourceId}/conflicts`);
    expect(body.items).toContainEqual(
      expect.objectContaining({ reason: "other-source", userIds: [made[won]?.body.id] }),
    );
  }
});

test.each(["userName", "address"])(
  "a source that gives its user the %s of another source's is refused",
  async (what) => {
    const [one, other] = [await usher.newSource(), await usher.newSource()];
    const [theirs, own] = [aUser(), aUser()];
    const { body: held } = await one.scim("POST", "/Users", theirs);
    const { body: made } = await other.scim("POST", "/Users", own);
    const op =
      what === "userName"
        ? { op: "replace", path: "userName", value: theirs.userName.toUpperCase() }
        : { op: "replace", path: 'emails[type eq "work"].value', value: theirs.userName };
    const refused = await other.scim("PATCH", `/Users/${made.id}`, patch(op));
    expect(refused).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
    const put =
      what === "userName" ? { ...own, userName: theirs.userName } : { ...own, emails: theirs.emails };
    expect((await other.scim("PUT", `/Users/${made.id}`, put)).status).toBe(409);
    expect((await other.scim("GET", `/Users/${made.id}`)).body).toEqual(made);
    const { body } = await usher.call("GET", `/sources/${other.sourceId}/conflicts`);
    expect(body.items[0]).toMatchObject({
      reason: "other-source",
      userIds: [held.id],
      ownerId: one.sourceId,
    });
  },
);
