import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import type { Quirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirky, givenQuirkyGroup } from "../../support/quirks.ts";
import { expectOk, forget, givenProvisioned, useUsher, writes } from "../../support/steps.ts";

const usher = useUsher();

const never = Number.POSITIVE_INFINITY;
const answers = [[202], [200]] as const;
const later = (status: 200 | 202): Switches => ({ changesLater: { status, requests: never } });

/** An account that was made as it is asked for; from here on changes are carried out later. */
const given = async (status: 200 | 202, fields: object = {}) => {
  const { provider, integration } = await givenQuirky(usher, {});
  const made = await givenProvisioned(usher, provider, integration, fields);
  Object.assign(provider.switches, later(status));
  return { provider, integration, ...made };
};

const carryOut = async (provider: Quirky): Promise<void> => {
  Object.assign(provider.switches, { changesLater: undefined });
  await call(provider, "GET", "/Users");
};

test.each(answers)(
  "a suspension that is answered %i with the account as it was, and then revoked, leaves it open",
  async (status) => {
    const { provider, path, user } = await given(status);
    const suspended = await usher.call("PUT", path, { ...user, suspended: true });
    expect(suspended.status).toBe(status === 202 ? 202 : 502);
    forget(provider);
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "in_sync", active: true });
    expect(writes(provider)).toHaveLength(1);
    await carryOut(provider);
    expect(await provider.users()).toMatchObject([{ active: true }]);
  },
);

test.each(answers)(
  "a reactivation that is answered %i with the account as it was, and then revoked, leaves it shut out",
  async (status) => {
    const { provider, path, user } = await given(200);
    Object.assign(provider.switches, { changesLater: undefined });
    expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
    Object.assign(provider.switches, later(status));
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "unconfirmed" });
    expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
    await carryOut(provider);
    expect(await provider.users()).toMatchObject([{ active: false }]);
    forget(provider);
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged", state: "in_sync" });
    expect(provider.requests).toEqual([]);
  },
);

test.each<[string, object, object, string, unknown]>([
  ["changed", { jobTitle: "Analyst" }, { jobTitle: "Engineer" }, "title", "Analyst"],
  ["cleared", { jobTitle: "Analyst" }, { jobTitle: undefined }, "title", "Analyst"],
  ["set", {}, { jobTitle: "Engineer" }, "title", undefined],
  [
    "an address",
    { email: "ada.a@example.com" },
    { email: "ada.b@example.com" },
    "userName",
    "ada.a@example.com",
  ],
])(
  "an attribute that is %s, shown as it was and then wanted as before, is as before",
  async (_, before, fields, attribute, expected) => {
    for (const [status] of answers) {
      const { provider, path, user } = await given(status, before);
      expect((await usher.call("PUT", path, { ...user, ...fields })).status).toBe(200);
      expectOk(await usher.call("PUT", path, user));
      await carryOut(provider);
      expect((await provider.users())[0]?.resource[attribute]).toBe(expected);
      forget(provider);
      expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged", state: "in_sync" });
      expect(provider.requests).toEqual([]);
    }
  },
);

test.each(answers)(
  "a member who is added, answered %i with the group as it was, and then removed, is out of it",
  async (status) => {
    const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {});
    expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
    Object.assign(provider.switches, later(status));
    const members = `${group.path}/members`;
    expect((await usher.call("POST", members, { add: [joins] })).body).toMatchObject({
      state: "unconfirmed",
    });
    await usher.call("POST", members, { remove: [joins] });
    await carryOut(provider);
    await expectMembers(usher, provider, integration, [stays, leaves]);
  },
);

test.each(answers)(
  "a member who is removed, answered %i with the group as it was, and then added, stays in it",
  async (status) => {
    const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {});
    Object.assign(provider.switches, later(status));
    const members = `${group.path}/members`;
    await usher.call("POST", members, { remove: [leaves] });
    expectOk(await usher.call("POST", members, { add: [leaves] }));
    await carryOut(provider);
    await expectMembers(usher, provider, integration, [stays, leaves]);
  },
);

test.each(answers)(
  "a group that is renamed, answered %i with the group as it was, and then named as before, has its name",
  async (status) => {
    const { provider, group } = await givenQuirkyGroup(usher, {});
    const [before] = await provider.groups();
    Object.assign(provider.switches, later(status));
    await usher.call("PUT", group.path, { name: "Another" });
    expectOk(await usher.call("PUT", group.path, { name: before?.displayName }));
    await carryOut(provider);
    expect(await provider.groups()).toMatchObject([{ displayName: before?.displayName }]);
  },
);

test.each<[string, object]>([
  ["suspended", { suspended: true }],
  ["taken out", {}],
  ["deleted from the directory", {}],
])(
  "an account that is made inactive, and opened by hand later, is shut out for one who is %s before",
  async (how, fields) => {
    const { provider, path, user, userId } = await givenQuirky(
      usher,
      { createsInactive: "stays" },
      { policies: { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" } },
    );
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "unconfirmed" });
    forget(provider);
    if (how === "suspended") await usher.call("PUT", path, { ...user, ...fields });
    else await usher.call("DELETE", how === "taken out" ? path : `/users/${userId}`);
    expect(writes(provider)).toMatchObject([{ method: "PATCH" }]);
    expect(JSON.stringify(writes(provider)[0]?.body)).toContain("false");
    forget(provider);
    if (how === "suspended") expectOk(await usher.call("PUT", path));
    expect(provider.requests).toEqual([]);
  },
);

test.each([400, 403, 409, 307])(
  "a suspension that is carried out and answered %i is taken back once the person is reactivated",
  async (status) => {
    const { provider, integration } = await givenQuirky(usher, {});
    const { path, user } = await givenProvisioned(usher, provider, integration, {});
    Object.assign(provider.switches, { refusesAfter: status });
    expect((await usher.call("PUT", path, { ...user, suspended: true })).status).toBe(502);
    Object.assign(provider.switches, { refusesAfter: undefined });
    forget(provider);
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "in_sync", active: true });
    expect(writes(provider)).toHaveLength(1);
    expect(await provider.users()).toMatchObject([{ active: true }]);
  },
);
