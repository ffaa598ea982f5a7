import { describe, expect, test } from "vitest";
import type { Actor } from "../../../shared/model/event.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import type { CallReads } from "../../../shared/provisioning/ports/call-reads.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { startBetterAuth } from "../../providers/better-auth.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  type Answer,
  aPerson,
  eventTypesOf,
  expectOk,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();
const actor: Actor = {
  initiatedBy: { type: "admin", id: "late" },
  authMethod: "token",
  clientIp: "127.0.0.1",
  userAgent: "",
  correlation: { id: "late", type: "request" },
};

/** Whoever cannot be served while others are at it is told when to come back, and nothing worse. */
const expectServed = (answers: Answer[]) => {
  for (const { status, body, headers, text } of answers) {
    if (status === 409) {
      expect(body.code, text).toBe("attempt-in-progress");
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    } else expect([200, 202], text).toContain(status);
  }
  expect(answers.some(({ status }) => status === 200)).toBe(true);
};
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

describe.each([
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
  ["better-auth", startBetterAuth],
] as const)("twenty calls at once for one user in %s", (_, start) => {
  const given = async () => {
    const provider = await givenProvider(start);
    const integration = await givenIntegration(usher, provider);
    const { userId, user } = aPerson();
    return { provider, userId, user, path: `${integration.path}/users/${userId}` };
  };

  test("with the same body create one account in one event", async () => {
    const { provider, userId, user, path } = await given();
    expectServed(await Promise.all(times(20, () => usher.call("PUT", path, user))));
    expect(writes(provider).map(({ method }) => method)).toEqual(["POST"]);
    expect(await provider.users()).toHaveLength(1);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_create_provision"]);
    expect((await usher.call("GET", path)).body).toMatchObject({ state: "in_sync", attempts: 1 });
  });

  test("with different bodies create one account, which ends with what was saved last", async () => {
    const { provider, userId, user, path } = await given();
    const bodies = times(20, (at) => ({ ...user, jobTitle: `Title ${at}` }));
    expectServed(await Promise.all(bodies.map((body) => usher.call("PUT", path, body))));
    expect(writes(provider).filter(({ method }) => method === "POST")).toHaveLength(1);
    const saved = (await usher.call("GET", `/users/${userId}`)).body;
    expect(await provider.users()).toMatchObject([{ resource: { title: saved.jobTitle } }]);
    expect((await usher.call("GET", path)).body.state).toBe("in_sync");
  });
});

test("a user that was read before another call came and went does not undo what that call saved", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const { path, user, userId } = await givenProvisioned(usher, provider, integration);
  const integrationId = integration.path.split("/").at(-1) ?? "";
  const { saved } = await ports.reads.user(integrationId, userId);
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Countess" }));
  const sent = writes(provider).length;

  // A batch has no order: the link may be the one after the other call, the user the one before.
  const reads: CallReads = {
    ...ports.reads,
    user: async (...ids) => ({ ...(await ports.reads.user(...ids)), saved }),
  };
  const until = Date.now() + 20_000;
  const call = { actor, sendUntil: until, answerUntil: until };
  const late = await provisionUser(Object.create(ports, { reads: { value: reads } }), call, {
    integrationId,
    userId,
  });
  expect(late).toMatchObject({ action: "unchanged", state: "in_sync" });
  expect(writes(provider)).toHaveLength(sent);
  expect(await provider.users()).toMatchObject([{ resource: { title: "Countess" } }]);
});

test("reader and writers at once: assigning, suspending and taking out end as the directory says", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const { path, user, userId } = await givenProvisioned(usher, provider, integration);
  const answers = await Promise.all(
    times(12, (at) =>
      at % 3 === 0
        ? usher.call("DELETE", path)
        : usher.call("PUT", path, { ...user, suspended: at % 3 === 1, jobTitle: `Title ${at}` }),
    ),
  );
  expectServed(answers);
  const status = (await usher.call("GET", path)).body;
  expect(["in_sync", "deprovisioned"]).toContain(status.state);
  const [account, ...others] = await provider.users();
  expect(others).toEqual([]);
  expect(account?.active).toBe(status.desired === "active");
  const types = await eventTypesOf(usher, `userId=${userId}`);
  expect(types.filter((type) => type.startsWith("!"))).toEqual([]);
});

test("two users who claim one account at once: one has it, the other is refused", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const one = aPerson();
  const two = aPerson({ email: one.user.email });
  const answers = await Promise.all(
    [one, two].map(({ userId, user }) => usher.call("PUT", `${integration.path}/users/${userId}`, user)),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe("account-claimed");
  expect(await provider.users()).toHaveLength(1);
});

test.each([
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
])(
  "whole lists and single changes of one group in %s at once converge to the directory",
  async (_, start) => {
    const provider = await givenProvider(start);
    const integration = await givenIntegration(usher, provider, { policies: { onUserUnassigned: "none" } });
    const members = await givenSaved(usher, 10);
    const group = await givenGroup(usher, provider, integration, members.slice(0, 5));
    const answers = await Promise.all(
      times(16, (at) => {
        const some = members.filter((_member, index) => (index + at) % 3 !== 0);
        const [add, remove] = [members[at % 10], members[(at + 3) % 10]];
        return at % 4 === 0
          ? usher.call("PUT", group.path, { name: `Group ${at}`, members: some })
          : usher.call("POST", `${group.path}/members`, { add: [add], remove: [remove] });
      }),
    );
    expectServed(answers);

    const settled = expectOk(await usher.call("GET", `${group.path}/members`)).body.items;
    const { name } = (await usher.call("GET", group.path)).body;
    expect((await usher.call("PUT", group.path, { name })).body).toMatchObject({ state: "in_sync" });
    const { items } = (await usher.call("GET", `${group.path}/members`)).body;
    expect(items.map(({ userId }) => userId).toSorted()).toEqual(
      settled.map(({ userId }) => userId).toSorted(),
    );
    expect(items.every(({ state }) => state === "pushed")).toBe(true);
    const wanted = await Promise.all(
      items.map(
        async ({ userId }) => (await usher.call("GET", `${integration.path}/users/${userId}`)).body.remoteId,
      ),
    );
    const [remote, ...others] = await provider.groups();
    expect(others).toEqual([]);
    expect(remote).toMatchObject({ displayName: name });
    expect(remote?.members.toSorted()).toEqual(wanted.toSorted());
    expect(writes(provider).filter(({ method, path }) => method === "POST" && path === "/Groups")).toEqual(
      [],
    );
  },
);

test("two groups that hold the same new users at once create each account once", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const members = await givenSaved(usher, 8);
  const answers = await Promise.all(
    ["twin-one", "twin-two"].map((name) =>
      usher.call("PUT", `${integration.path}/groups/${name}`, { name, members }),
    ),
  );
  expectServed(answers);
  expect(await provider.users()).toHaveLength(8);
  for (const name of ["twin-one", "twin-two"]) {
    const { body } = await usher.call("PUT", `${integration.path}/groups/${name}`, { name });
    expect(body).toMatchObject({ state: "in_sync" });
  }
  expect((await provider.groups()).map(({ members: there }) => there.length)).toEqual([8, 8]);
  for (const userId of members)
    expect(await eventTypesOf(usher, `userId=${userId}&success=false`)).toEqual([]);
});

test("of updates of one integration with the same If-Match one gets through", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const etag = (await usher.call("GET", path)).headers.get("etag") ?? "";
  const answers = await Promise.all(
    times(8, (at) =>
      usher.call("PATCH", path, { application: { displayLabel: `Label ${at}` } }, { "if-match": etag }),
    ),
  );
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  for (const { status } of answers) expect([200, 409, 412]).toContain(status);
  expect((await usher.call("GET", path)).body.application).toEqual(won[0]?.body.application);
});

test("activations at once with one Idempotency-Key make one integration", async () => {
  const provider = await givenProvider(startStrongDm);
  const body = {
    application: { name: "Once", displayLabel: "once only" },
    profile: "strongdm",
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  };
  const answers = await Promise.all(
    times(6, () => usher.call("POST", "/integrations", body, { "idempotency-key": "k" })),
  );
  for (const { status } of answers) expect([201, 409]).toContain(status);
  const ids = answers
    .filter(({ status }) => status === 201)
    .map(({ body: { integrationId } }) => integrationId);
  expect(new Set(ids).size).toBe(1);
  expect((await usher.call("GET", "/integrations?displayLabel=once+only")).body.items).toHaveLength(1);
});
