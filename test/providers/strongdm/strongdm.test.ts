import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addPerson, call, ENTERPRISE, filter, GROUP, patchOp, person, USER } from "../call.ts";
import { type StrongDm, startStrongDm } from "./strongdm.ts";

const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";
const IN_USE = "One or more of the attribute values are already in use or are reserved.";

let strongDm: StrongDm;
beforeEach(async () => {
  strongDm = await startStrongDm();
});
afterEach(() => strongDm.close());

const get = (path: string) => call(strongDm, "GET", path);
const post = (path: string, body: unknown) => call(strongDm, "POST", path, body);
const patch = (path: string, ...operations: unknown[]) =>
  call(strongDm, "PATCH", path, patchOp(...operations));

function error(detail: string, status: string, scimType?: string): string {
  return JSON.stringify({ schemas: [ERROR], ...(scimType ? { scimType } : {}), detail, status });
}

async function addGroup(displayName: string, ...members: string[]): Promise<string> {
  const body = { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) };
  return String((await post("/Groups", body)).json.id);
}

describe("users", () => {
  it("answers a create byte for byte like the reference", async () => {
    const created = await post("/Users", {
      schemas: [USER],
      userName: "myUser@example.com",
      name: { givenName: "Firstname", familyName: "Lastname" },
      active: true,
    });
    const id = String(created.json.id);
    expect(id).toMatch(/^a-[0-9a-f]{16}$/);
    expect(created.status).toBe(201);
    expect(created.headers.get("content-type")).toBe("application/scim+json");
    expect(created.headers.get("location")).toBeNull();
    expect(created.text).toBe(
      `{"active":true,"displayName":"Firstname Lastname","emails":[{"primary":true,"value":"myUser@example.com"}],"groups":[],"id":"${id}","meta":{"resourceType":"User","location":"Users/${id}"},"name":{"familyName":"Lastname","formatted":"Firstname Lastname","givenName":"Firstname"},"schemas":["${USER}"],"userName":"myUser@example.com","userType":"user"}`,
    );
  });

  it.each(["schemas", "userName", "active"])("asks for %s", async (name) => {
    const { [name]: _, ...body } = person("Ana", "Lima");
    const answer = await post("/Users", body);
    expect([answer.status, answer.json.scimType]).toEqual([
      400,
      name === "schemas" ? "invalidSyntax" : "invalidValue",
    ]);
    expect(await strongDm.users()).toEqual([]);
  });

  it("asks for both names, a JSON boolean, a JSON object and an e-mail that is not blank", async () => {
    for (const name of [{ givenName: "Ana" }, { familyName: "Lima" }]) {
      expect((await post("/Users", person("Ana", "Lima", { name }))).json.scimType).toBe("invalidValue");
    }
    expect((await post("/Users", person("Ana", "Lima", { active: "False" }))).json.scimType).toBe(
      "invalidValue",
    );
    expect((await post("/Users", "{")).json.scimType).toBe("invalidSyntax");
    expect((await post("/Users", person("Ana", "Lima", { userName: "" }))).text).toBe(
      error("could not create user: cannot create user: invalid operation: email cannot be blank", "400"),
    );
  });

  it("refuses a taken userName in POST, PUT and PATCH, whatever its case", async () => {
    await addPerson(strongDm, "Ana", "Lima");
    const bo = await addPerson(strongDm, "Bo", "Berg");
    const taken = { userName: "ANA.LIMA@example.com" };
    const answers = [
      await post("/Users", person("Ana", "Lima", taken)),
      await call(strongDm, "PUT", `/Users/${bo}`, person("Bo", "Berg", taken)),
      await patch(`/Users/${bo}`, { op: "replace", value: taken }),
    ];
    for (const answer of answers)
      expect([answer.status, answer.text]).toEqual([409, error(IN_USE, "409", "uniqueness")]);
  });

  it("answers 404 with the id, also for a group's", async () => {
    const group = await addGroup("Staff");
    for (const id of ["a-1", group]) {
      expect((await get(`/Users/${id}`)).text).toBe(error(`Resource ${id} not found.`, "404"));
    }
  });

  it("filters by userName alone", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    await addPerson(strongDm, "Bo", "Berg");
    const hit = await get(`/Users${filter('userName eq "Ana.Lima@example.com"')}`);
    expect(hit.json).toMatchObject({
      totalResults: 1,
      itemsPerPage: 100,
      startIndex: 1,
      Resources: [{ id: ana }],
    });
    const miss = await get(`/Users${filter('userName eq "nobody@example.com"')}`);
    expect(miss.text).toBe(
      '{"Resources":null,"itemsPerPage":100,"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"startIndex":1,"totalResults":0}',
    );
    for (const other of [
      'externalId eq "1"',
      'userName sw "a"',
      "userName eq ana",
      'userName eq "a" and active eq true',
    ]) {
      expect((await get(`/Users${filter(other)}`)).text).toBe(
        error(
          "The specified filter syntax was invalid, or the specified attribute and filter comparison combination is not supported.",
          "400",
          "invalidFilter",
        ),
      );
    }
  });

  it("pages with itemsPerPage as asked for, clamped", async () => {
    for (const name of ["A", "B", "C"]) await addPerson(strongDm, name, "Vale");
    const page = await get("/Users?startIndex=0&count=2");
    expect(page.json).toMatchObject({ startIndex: 1, itemsPerPage: 2, totalResults: 3 });
    expect(page.json.Resources).toHaveLength(2);
    expect((await get("/Users?count=1000")).json.itemsPerPage).toBe(100);
    expect((await get("/Users?count=-1")).json).toMatchObject({ itemsPerPage: 0, Resources: null });
    expect((await get("/Users?count=abc")).text).toBe(
      error("Bad Request. Invalid parameter provided in request: count.", "400"),
    );
  });

  it("answers a PATCH with 200 when it changed something, else with 204", async () => {
    const id = await addPerson(strongDm, "Ana", "Lima");
    const off = await patch(`/Users/${id}`, { op: "replace", value: { active: false } });
    expect([off.status, off.json.active]).toEqual([200, false]);
    const again = await patch(`/Users/${id}`, { op: "replace", value: { active: false } });
    expect([again.status, again.text]).toEqual([204, ""]);
    const on = await patch(`/Users/${id}`, { op: "Replace", path: "active", value: true });
    expect([on.status, on.json.active]).toEqual([200, true]);
  });

  it("patches names, e-mail and the enterprise extension, path-less and by path", async () => {
    const id = await addPerson(strongDm, "Ana", "Lima");
    await patch(`/Users/${id}`, {
      op: "replace",
      value: { id, name: { familyName: "Silva" }, shoeSize: 38 },
    });
    await patch(`/Users/${id}`, { op: "replace", path: "userName", value: "ana.silva@example.com" });
    await patch(`/Users/${id}`, { op: "add", path: `${ENTERPRISE}:department`, value: "Sales" });
    await patch(`/Users/${id}`, { op: "replace", path: `${ENTERPRISE}:manager`, value: { value: "a-1" } });
    await patch(`/Users/${id}`, { op: "add", path: "phoneNumbers", value: [{ value: "1", type: "work" }] });
    await patch(`/Users/${id}`, { op: "replace", path: 'phoneNumbers[type eq "work"].value', value: "2" });
    expect((await get(`/Users/${id}`)).json).toMatchObject({
      userName: "ana.silva@example.com",
      emails: [{ value: "ana.silva@example.com" }],
      name: { givenName: "Ana", familyName: "Silva", formatted: "Ana Silva" },
      displayName: "Ana Silva",
      phoneNumbers: [{ value: "2", type: "work" }],
      [ENTERPRISE]: { department: "Sales", manager: { value: "a-1" } },
      schemas: [USER, ENTERPRISE],
    });
    await patch(`/Users/${id}`, { op: "remove", path: `${ENTERPRISE}:manager` });
    await patch(`/Users/${id}`, { op: "remove", path: `${ENTERPRISE}:department` });
    expect((await get(`/Users/${id}`)).json.schemas).toEqual([USER]);
    expect((await get(`/Users${filter('userName eq "ana.lima@example.com"')}`)).json.totalResults).toBe(0);
  });

  it.each([
    ["a boolean as text", { op: "replace", value: { active: "False" } }, "invalidValue"],
    ["null", { op: "replace", path: "title", value: null }, "invalidValue"],
    ["an unknown path", { op: "replace", path: "shoeSize", value: 1 }, "invalidPath"],
    ["a remove without a path", { op: "remove" }, "noTarget"],
    [
      "a filter that hits nothing",
      { op: "replace", path: 'emails[type eq "home"].value', value: "x" },
      "noTarget",
    ],
    ["groups", { op: "replace", value: { groups: [] } }, "mutability"],
    [
      "an extension nested without a path",
      { op: "replace", value: { [ENTERPRISE]: { department: "R&D" } } },
      "invalidPath",
    ],
    [
      "the manager's name",
      { op: "add", path: `${ENTERPRISE}:manager.displayName`, value: "Bo" },
      "mutability",
    ],
    ["a required attribute removed", { op: "remove", path: "name.givenName" }, "invalidValue"],
    ["an unknown operation", { op: "move", path: "title", value: "x" }, "invalidValue"],
  ])("refuses a PATCH with %s and applies nothing of it", async (_what, operation, scimType) => {
    const id = await addPerson(strongDm, "Ana", "Lima");
    const before = await strongDm.users();
    const answer = await patch(`/Users/${id}`, { op: "replace", value: { title: "Chief" } }, operation);
    expect([answer.status, answer.json.scimType]).toEqual([400, scimType]);
    expect(await strongDm.users()).toEqual(before);
  });

  it("takes an extension nested without a path where it is told to", async () => {
    const other = await startStrongDm({ takesNestedExtensions: true });
    const id = await addPerson(other, "Ana", "Lima");
    const body = patchOp({ op: "replace", value: { [ENTERPRISE]: { department: "R&D" } } });
    const { json } = await call(other, "PATCH", `/Users/${id}`, body);
    expect(json[ENTERPRISE]).toEqual({ department: "R&D" });
    await other.close();
  });

  it("asks a PATCH for its schema and at least one operation", async () => {
    const id = await addPerson(strongDm, "Ana", "Lima");
    const bodies = [patchOp(), { Operations: [{ op: "replace", value: { active: false } }] }];
    for (const body of bodies) {
      expect((await call(strongDm, "PATCH", `/Users/${id}`, body)).json.scimType).toBe("invalidValue");
    }
  });

  it("replaces with PUT, 200 even without a change, and leaves out what was left out", async () => {
    const id = await addPerson(strongDm, "Ana", "Lima");
    await patch(`/Users/${id}`, { op: "add", value: { title: "Chief" } });
    const replaced = await call(strongDm, "PUT", `/Users/${id}`, person("Ana", "Silva"));
    expect([replaced.status, replaced.json.title, replaced.json.displayName]).toEqual([
      200,
      undefined,
      "Ana Silva",
    ]);
    expect((await call(strongDm, "PUT", `/Users/${id}`, person("Ana", "Silva"))).status).toBe(200);
    expect((await call(strongDm, "PUT", "/Users/a-1", person("Ana", "Silva"))).status).toBe(404);
  });
});

describe("groups", () => {
  it("answers a create byte for byte like the reference and shows the group at the user", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    const created = await post("/Groups", {
      schemas: [GROUP],
      displayName: "RoleName",
      members: [{ value: ana }],
    });
    const id = String(created.json.id);
    expect(id).toMatch(/^r-[0-9a-f]{16}$/);
    expect([created.status, created.text]).toEqual([
      201,
      `{"displayName":"RoleName","id":"${id}","members":[{"display":"ana.lima@example.com","value":"${ana}"}],"meta":{"location":"Groups/${id}","resourceType":"Group"},"schemas":["${GROUP}"]}`,
    ]);
    expect((await get(`/Users/${ana}`)).json.groups).toEqual([{ display: "RoleName", value: id }]);
  });

  it("asks for schemas, a name and members, and for a name that is free", async () => {
    expect((await post("/Groups", { schemas: [GROUP], displayName: "Staff" })).json.scimType).toBe(
      "invalidValue",
    );
    expect((await post("/Groups", { displayName: "Staff", members: [] })).json.scimType).toBe(
      "invalidSyntax",
    );
    expect((await post("/Groups", { schemas: [GROUP], displayName: "", members: [] })).text).toBe(
      error("could not create role: cannot create role: invalid operation: name cannot be empty", "400"),
    );
    const id = await addGroup("Staff");
    const taken = await post("/Groups", { schemas: [GROUP], displayName: "Staff", members: [] });
    expect([taken.status, taken.text]).toEqual([409, error(IN_USE, "409", "uniqueness")]);
    expect((await patch(`/Groups/${id}`, { op: "replace", value: { displayName: "" } })).text).toBe(
      error("could not update role name: cannot update role: invalid operation: name cannot be empty", "400"),
    );
  });

  it("filters by displayName alone", async () => {
    const id = await addGroup('The "A" team');
    const hit = await get(`/Groups${filter(`displayName eq ${JSON.stringify('The "A" team')}`)}`);
    expect(hit.json).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    expect((await get(`/Groups${filter('userName eq "x"')}`)).json.scimType).toBe("invalidFilter");
  });

  it("leaves an unknown member out of a POST but refuses it in PUT and PATCH", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    const unknown = "a-00000000000000ff";
    const id = await addGroup("Staff", ana, unknown);
    expect(await strongDm.groups()).toEqual([{ id, displayName: "Staff", members: [ana] }]);
    const answers = [
      await call(strongDm, "PUT", `/Groups/${id}`, {
        schemas: [GROUP],
        displayName: "Other",
        members: [{ value: unknown }],
      }),
      await patch(`/Groups/${id}`, { op: "add", path: "members", value: [{ value: unknown }] }),
      await patch(
        `/Groups/${id}`,
        { op: "replace", value: { displayName: "Other" } },
        { op: "replace", path: "members", value: [{ value: unknown }] },
      ),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.text]).toEqual([404, error(`Resource ${unknown} not found.`, "404")]);
    }
    expect(await strongDm.groups()).toEqual([{ id, displayName: "Staff", members: [ana] }]);
  });

  it("refuses a malformed member id everywhere", async () => {
    const id = await addGroup("Staff");
    const members = [{ value: "aa-123134" }];
    const answers = [
      await post("/Groups", { schemas: [GROUP], displayName: "Other", members }),
      await call(strongDm, "PUT", `/Groups/${id}`, { schemas: [GROUP], displayName: "Staff", members }),
      await patch(`/Groups/${id}`, { op: "add", path: "members", value: members }),
      await patch(`/Groups/${id}`, { op: "remove", path: 'members[value eq "aa-123134"]' }),
    ];
    for (const answer of answers) expect(answer.text).toBe(error("cannot parse member id: aa-123134", "400"));
  });

  it("removes a member by filter only", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    const id = await addGroup("Staff", ana);
    const others = ["members", 'members[display eq "x"]', `members[value ne "${ana}"]`, "displayName"];
    for (const path of others) {
      expect((await patch(`/Groups/${id}`, { op: "remove", path, value: [{ value: ana }] })).status).toBe(
        400,
      );
    }
    const remove = { op: "remove", path: `members[value eq "${ana}"]` };
    const removed = await patch(`/Groups/${id}`, remove);
    expect([removed.status, removed.json.members]).toEqual([200, []]);
    expect((await patch(`/Groups/${id}`, remove)).status).toBe(204);
    expect((await patch(`/Groups/${id}`, { op: "remove", path: 'members[value eq "a-99"]' })).status).toBe(
      204,
    );
  });

  it("adds, replaces and renames, by path and path-less, and answers 204 when nothing changed", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    const bo = await addPerson(strongDm, "Bo", "Berg");
    const id = await addGroup("Staff", ana);
    const add = { op: "add", path: "members", value: [{ value: bo, display: "ignored" }] };
    expect((await patch(`/Groups/${id}`, add)).status).toBe(200);
    expect((await patch(`/Groups/${id}`, add)).status).toBe(204);
    expect((await patch(`/Groups/${id}`, { op: "replace", value: { id, displayName: "All" } })).status).toBe(
      200,
    );
    expect((await patch(`/Groups/${id}`, { op: "replace", path: "displayName", value: "All" })).status).toBe(
      204,
    );
    expect(
      (await patch(`/Groups/${id}`, { op: "replace", path: "members", value: [{ value: bo }] })).status,
    ).toBe(200);
    expect(await strongDm.groups()).toEqual([{ id, displayName: "All", members: [bo] }]);
  });

  it("replaces with PUT, loses a deleted user, and is gone after DELETE", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    const id = await addGroup("Staff");
    const body = { schemas: [GROUP], displayName: "People", members: [{ value: ana }] };
    expect((await call(strongDm, "PUT", `/Groups/${id}`, body)).status).toBe(200);
    expect(await strongDm.groups()).toEqual([{ id, displayName: "People", members: [ana] }]);
    await call(strongDm, "DELETE", `/Users/${ana}`);
    expect((await get(`/Groups/${id}`)).json.members).toEqual([]);
    const deleted = await call(strongDm, "DELETE", `/Groups/${id}`);
    expect([deleted.status, deleted.text]).toEqual([204, ""]);
    expect((await call(strongDm, "DELETE", `/Groups/${id}`)).status).toBe(404);
  });
});

describe("the rest", () => {
  it("marks what a request created, returned or named as managed, and nothing else", async () => {
    const ana = await addPerson(strongDm, "Ana", "Lima");
    const group = await addGroup("Staff", ana);
    expect(strongDm.managedIds()).toEqual(new Set([ana, group]));
    await get(`/Users${filter('userName eq "nobody@example.com"')}`);
    await call(strongDm, "DELETE", `/Groups/${group}`);
    expect(strongDm.managedIds()).toEqual(new Set([ana]));
  });

  it("serves discovery documents without id and meta, refuses /Me and unknown paths", async () => {
    const config = await get("/ServiceProviderConfig");
    expect(config.json).toMatchObject({ bulk: { supported: false }, patch: { supported: true } });
    expect(Object.keys(config.json)).not.toContain("meta");
    expect((await get("/Schemas")).json.totalResults).toBe(3);
    expect((await get(`/Schemas/${USER}`)).json.name).toBe("User");
    expect((await get("/ResourceTypes/Group")).json.endpoint).toBe("/Groups");
    expect((await get("/Me")).status).toBe(501);
    for (const path of ["/Nope", "//Users", "/Users/a-1/x", "/Users/%zz", "/constructor"]) {
      expect((await get(path)).text).toBe(error("Specified endpoint does not exist.", "404"));
    }
  });

  it("sends SCIM's content type with every answer", async () => {
    const id = await addPerson(strongDm, "Ana", "Lima");
    const answers = [
      await get("/Users"),
      await get("/Users/a-1"),
      await patch(`/Users/${id}`, { op: "replace", value: { active: true } }),
      await call(strongDm, "GET", "/Users", undefined, "wrong"),
      await call(strongDm, "DELETE", `/Users/${id}`),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 404, 204, 401, 204]);
    for (const answer of answers) expect(answer.headers.get("content-type")).toBe("application/scim+json");
  });

  it("in 2026 mode sends Location with 201 and an empty list for no hits", async () => {
    const newer = await startStrongDm({ mode: "2026" });
    try {
      const created = await call(newer, "POST", "/Users", person("Ana", "Lima"));
      expect(created.headers.get("location")).toBe(`Users/${created.json.id}`);
      expect((await call(newer, "GET", "/Groups")).json.Resources).toEqual([]);
    } finally {
      await newer.close();
    }
  });
});
