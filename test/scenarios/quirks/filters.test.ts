import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirky } from "../../support/quirks.ts";
import {
  activation,
  expectOk,
  forget,
  givenGroup,
  givenProvider,
  givenSaved,
  passTime,
  replicationMs,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const declining: [string, Switches][] = (["Groups", "everything"] as const).flatMap((on) =>
  ([400, "bare", 403, 501] as const).map((status): [string, Switches] => [
    `filters on ${on} by ${status}`,
    { filterDeclined: { on, status }, countCap: 3 },
  ]),
);

test.each(declining)(
  "a provider that declines %s is read page by page: what is there is taken",
  async (_, switches) => {
    const { provider, integration, user, userId, path } = await givenQuirky(usher, switches);
    for (let at = 0; at < 7; at += 1) provider.addUser({ userName: `other-${at}@example.com` });
    const existing = provider.addUser({ userName: user.email });
    expect((await usher.call("PUT", path, user)).body).toMatchObject({
      action: "adopted",
      remoteId: existing,
    });
    await givenGroup(usher, provider, integration, [userId]);
    await expectMembers(usher, provider, integration, [userId]);
    const [joins = ""] = await givenSaved(usher, 1);
    const made = await usher.call("PUT", `${integration.path}/users/${joins}`);
    expect(made.body).toMatchObject({ action: "created", state: "in_sync" });
    expect(await provider.users()).toHaveLength(9);
  },
);

test("a 403 to every list is the failure of the activation in the provider's words, after one list without a filter", async () => {
  const provider = await givenProvider(() => startQuirky());
  provider.intercept = ({ method }) => (method === "GET" ? scimError(403, "Not your tenant.") : undefined);
  const { status, body } = await usher.call("POST", "/integrations", activation(provider));
  expect([status, body.code]).toEqual([422, "activation-test-failed"]);
  expect(body.detail).toContain("403 Forbidden");
  expect(body.detail).toContain("Not your tenant.");
  expect(requestLines(provider)).toEqual(["GET /Users", "GET /Users"]);
});

test("a list that is too large to be read is a failure that says so, and nobody is created", async () => {
  const { provider, user, path } = await givenQuirky(usher, {
    filterDeclined: { on: "everything", status: 400 },
  });
  let page = 0;
  provider.intercept = ({ method, query }) => {
    if (method !== "GET" || query.includes("filter")) return undefined;
    page += 1;
    const Resources = Array.from({ length: 1_000 }, (_, at) => ({
      id: `${page}-${at}`,
      userName: `${page}-${at}`,
    }));
    return { status: 200, body: JSON.stringify({ totalResults: 1e6, Resources }) };
  };
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-malformed"]);
  expect(body.detail).toMatch(/list is too large to be read.*51000 resources on 51 pages.*userFilter/);
  expect(await provider.users()).toEqual([]);
});

test("a provider whose reads mark what they show is not read page by page", async () => {
  const { provider, user, path } = await givenQuirky(usher, {}, { overrides: { readsMarkManaged: true } });
  Object.assign(provider.switches, { filterDeclined: { on: "everything", status: 400 } });
  forget(provider);
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.detail]).toEqual([502, expect.stringContaining("Filtering is not supported")]);
  expect(requestLines(provider)).toEqual(["GET /Users"]);
});

test.each<[string, object, string[]]>([
  ["the same name", { jobTitle: "Engineer" }, ["GET /Users", "POST /Users"]],
  ["another name", { email: "moved@example.com" }, ["GET /Users", "GET /Users", "POST /Users"]],
])(
  "an account that is gone is looked up once under %s before it is made anew",
  async (_, change, requests) => {
    const { provider, user, path } = await givenQuirky(usher, {});
    const { remoteId } = expectOk(await usher.call("PUT", path, user)).body;
    provider.removeUser(remoteId);
    passTime(replicationMs);
    forget(provider);
    expect((await usher.call("PUT", path, { ...user, ...change })).body.action).toBe("created");
    expect(requestLines(provider)).toEqual([
      `PATCH /Users/${remoteId}`,
      `GET /Users/${remoteId}`,
      ...requests,
    ]);
  },
);
