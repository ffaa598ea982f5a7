import { expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json.ts";
import { inTurn, open, patchOf, type Reply, startServer } from "../loopback.ts";

const shown = (fields: JsonObject): Reply => ({ body: { id: "1", ...fields } });
const refused = (scimType: string): Reply => ({ status: 400, body: { scimType, detail: "No." } });
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const whole = { givenName: "Ada", familyName: "Byron", honorificPrefix: "Countess" };

test.each<[string, object, object[]]>([
  [
    "path gives way to a value without a path",
    {},
    [
      { op: "replace", path: "title", value: "B" },
      { op: "replace", value: { title: "B" } },
    ],
  ],
  [
    "no path gives way to one",
    { patchPathStyle: "pathless" },
    [
      { op: "replace", value: { title: "B" } },
      { op: "replace", path: "title", value: "B" },
    ],
  ],
])(
  "of a value that is shown as before: %s, and what works is said first from then on",
  async (_, overrides, [first, other]) => {
    const { baseUrl, requests } = await startServer(
      inTurn(shown({ title: "A" }), shown({ title: "B" }), shown({ title: "B" })),
    );
    const provider = open(baseUrl, { overrides });
    const change = [{ path: "title", from: "A", to: "B" }];
    expect(await provider.patchUser("1", change)).toMatchObject({ unconfirmed: [] });
    await provider.patchUser("1", change);
    expect(requests.map(patchOf)).toEqual([[first], [other], [other]]);
  },
);

test("a part of a name that is shown as before goes with the whole name as it is shown, which is read from then on", async () => {
  const now = { ...whole, familyName: "Lovelace" };
  const { baseUrl, requests } = await startServer(
    inTurn(shown({ name: whole }), shown({ name: now }), shown({ name: now }), shown({})),
  );
  const provider = open(baseUrl);
  await provider.patchUser("1", [{ path: "name.familyName", from: "Byron", to: "Lovelace" }]);
  await provider.patchUser("1", [{ path: "name.familyName", from: "Lovelace", to: "King" }], {
    next: { "name.familyName": "King", "name.givenName": "Ada" },
  });
  expect(requests.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "GET", "PATCH"]);
  expect(requests.filter(({ method }) => method === "PATCH").map(patchOf)).toEqual([
    [{ op: "replace", path: "name.familyName", value: "Lovelace" }],
    [{ op: "replace", value: { name: now } }],
    [{ op: "replace", value: { name: { ...whole, familyName: "King" } } }],
  ]);
});

test.each<[string, object, object[]]>([
  [
    "remove",
    {},
    [
      { op: "remove", path: "title" },
      { op: "replace", path: "title", value: "" },
    ],
  ],
  [
    "empty",
    { clear: "empty" },
    [
      { op: "replace", path: "title", value: "" },
      { op: "remove", path: "title" },
    ],
  ],
])("a clear by %s that is shown as before is said the other way", async (_, overrides, [first, other]) => {
  const { baseUrl, requests } = await startServer(inTurn(shown({ title: "A" }), shown({})));
  const done = await open(baseUrl, { overrides }).patchUser("1", [{ path: "title", from: "A" }]);
  expect(done.unconfirmed).toEqual([]);
  expect(requests.map(patchOf)).toEqual([[first], [other]]);
});

test("an attribute of an extension that is shown as before is nested under its URN", async () => {
  const { baseUrl, requests } = await startServer(
    inTurn(shown({ [enterprise]: { department: "A" } }), shown({ [enterprise]: { department: "B" } })),
  );
  await open(baseUrl).patchUser("1", [{ path: `${enterprise}:department`, from: "A", to: "B" }]);
  expect(patchOf(requests[1])).toEqual([{ op: "replace", value: { [enterprise]: { department: "B" } } }]);
});

test("elements of a list that were to go and are shown are removed by a filter that keeps the new ones", async () => {
  const [old, home, fresh] = [
    { type: "work", value: "1" },
    { type: "home", value: "2" },
    { type: "mobile", value: "1" },
  ];
  const { baseUrl, requests } = await startServer(
    inTurn(shown({ phoneNumbers: [old, home, fresh] }), shown({ phoneNumbers: [fresh] })),
  );
  const change = [{ path: "phoneNumbers", from: [old, home], to: [fresh] }];
  expect((await open(baseUrl).patchUser("1", change)).unconfirmed).toEqual([]);
  expect(requests).toHaveLength(2);
  expect(patchOf(requests[1])).toEqual([
    { op: "remove", path: 'phoneNumbers[type eq "work"]' },
    { op: "remove", path: 'phoneNumbers[value eq "2"]' },
  ]);
});

test("what stays as it was is unconfirmed after one further request, and one that is refused changes nothing of that", async () => {
  const { baseUrl, requests } = await startServer(inTurn(shown({ title: "A" }), refused("invalidValue")));
  const provider = open(baseUrl);
  const done = await provider.patchUser("1", [{ path: "title", from: "A", to: "B" }]);
  expect(done).toMatchObject({ unconfirmed: ["title"], shown: { resource: { title: "A" } } });
  expect(provider.lastAnswer().status).toBe(200);
  expect(requests).toHaveLength(2);
});

test("a deactivation that is shown as before is said the other way, and read", async () => {
  const { baseUrl, requests } = await startServer(() => shown({ active: true }));
  const done = await open(baseUrl).patchUser("1", [{ path: "active", from: true, to: false }]);
  expect(done.unconfirmed).toEqual(["active"]);
  expect(requests.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "GET"]);
});

test("a deactivation that is shown as before, and is done when it is read, is done", async () => {
  const { baseUrl, requests } = await startServer(
    inTurn(shown({ active: true }), refused("invalidValue"), shown({ active: false })),
  );
  const done = await open(baseUrl).patchUser("1", [{ path: "active", from: true, to: false }]);
  expect([done.unconfirmed, requests.length]).toEqual([[], 3]);
});

test.each<[string, Reply, number]>([
  ["202", { status: 202 }, 1],
  ["204, whose read fails,", { status: 204 }, 2],
])("a deactivation by %s counts as done", async (_, reply, count) => {
  const { baseUrl, requests } = await startServer(({ method }) =>
    method === "PATCH" ? reply : { status: 403 },
  );
  const done = await open(baseUrl).patchUser("1", [{ path: "active", from: true, to: false }]);
  expect([done.unconfirmed, requests.length]).toEqual([[], count]);
});

test("a change of which it is said that is shown as before is sent once", async () => {
  const { baseUrl, requests } = await startServer(() => shown({ active: false }));
  const change = [{ path: "active", from: false, to: true }];
  expect((await open(baseUrl).patchUser("1", change, { once: true })).unconfirmed).toEqual(["active"]);
  expect(requests).toHaveLength(1);
});

const added = [
  { path: "displayName", from: "A", to: "B" },
  { path: "title", to: "Countess" },
];

test("a replace that finds no target is an add of what had no value, from then on as well", async () => {
  const { baseUrl, requests } = await startServer(
    inTurn(refused("noTarget"), { status: 204 }, { status: 204 }),
  );
  const provider = open(baseUrl);
  await provider.patchUser("1", added);
  await provider.patchUser("1", added);
  const [name, title] = [
    { op: "replace", path: "displayName", value: "B" },
    { op: "add", path: "title", value: "Countess" },
  ];
  expect(requests.slice(1).map(patchOf)).toEqual([
    [name, title],
    [name, title],
  ]);
});

test("without a path, what had no value is added beside what is replaced", async () => {
  const { baseUrl, requests } = await startServer(inTurn(refused("noTarget"), { status: 204 }));
  const changes = [...added, { path: "active", from: false, to: true }];
  await open(baseUrl, { overrides: { patchPathStyle: "pathless" } }).patchUser("1", changes);
  expect(patchOf(requests[1])).toEqual([
    { op: "replace", value: { displayName: "B", active: true } },
    { op: "add", value: { title: "Countess" } },
  ]);
});

test("where an add is refused that was learned, the replace is tried once more", async () => {
  const { baseUrl, requests } = await startServer(
    inTurn(refused("noTarget"), { status: 204 }, refused("invalidSyntax"), { status: 204 }),
  );
  const provider = open(baseUrl);
  await provider.patchUser("1", added);
  await provider.patchUser("1", added);
  expect(requests.map((one) => (patchOf(one) as { op: string }[])[1]?.op)).toEqual([
    "replace",
    "add",
    "add",
    "replace",
  ]);
});

test("a refusal of a value is sent once", async () => {
  const { baseUrl, requests } = await startServer(() => refused("invalidValue"));
  await expect(open(baseUrl).patchUser("1", added)).rejects.toMatchObject({ status: 400 });
  expect(requests).toHaveLength(1);
});

test("a change that is answered without a resource costs one request, and a clear is read once", async () => {
  const { baseUrl, requests } = await startServer(({ method }) =>
    method === "GET" ? shown({ userName: "ada@example.com" }) : { status: 204 },
  );
  const provider = open(baseUrl);
  await provider.patchUser("1", [{ path: "title", from: "A", to: "B" }]);
  expect(requests).toHaveLength(1);
  await provider.patchUser("1", [{ path: "title", from: "B" }]);
  expect(requests.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "GET"]);
});

test.each<[string, JsonObject, string[]]>([
  ["that no answer has shown counts as done", { userName: "ada" }, []],
  [
    "of a name is ignored with the part beside it",
    { name: { familyName: "Byron" } },
    ["name.familyName", "name.givenName"],
  ],
  ["of a name that is shown without any other is done", { name: { formatted: "Ada" } }, []],
])("a new value %s", async (_, fields, unconfirmed) => {
  const { baseUrl } = await startServer(() => shown(fields));
  const done = await open(baseUrl).patchUser("1", [
    { path: "title", to: "B" },
    { path: "name.familyName", from: "Byron", to: "King" },
    { path: "name.givenName", to: "Ada" },
  ]);
  expect(done.unconfirmed).toEqual(unconfirmed);
});

test.each<[string, JsonObject, string[]]>([
  ["without it leaves it unconfirmed", { userName: "ada" }, ["title"]],
  ["of a part of the account counts as done", { displayName: "Ada" }, []],
])("once an answer has shown an attribute, one %s", async (_, fields, unconfirmed) => {
  const { baseUrl } = await startServer(inTurn(shown({ title: "A" }), shown(fields)));
  const provider = open(baseUrl);
  await provider.patchUser("1", [{ path: "title", to: "A" }]);
  expect((await provider.patchUser("1", [{ path: "title", to: "B" }])).unconfirmed).toEqual(unconfirmed);
});
