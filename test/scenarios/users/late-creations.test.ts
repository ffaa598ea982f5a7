import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import {
  aPerson,
  forget,
  givenIntegration,
  givenProvider,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const leap = (ms: number) => new Promise((go) => setTimeout(go, ms));
const never = Number.POSITIVE_INFINITY;

/** A user whose creation failed, and is carried out late by a provider that answers it so. */
const given = async (status: number) => {
  const switches: Switches = status === 202 ? { acceptsCreations: never } : { createsBehindTimeout: never };
  const provider = await givenProvider(() => startQuirky({ switches }));
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  expect((await usher.call("PUT", path, user)).status).toBe(202);
  forget(provider);
  const turnsUp = () =>
    provider.addUser({ userName: user.email, externalId: userId, displayName: "Ada Lovelace" });
  return { provider, userId, user, path, turnsUp };
};

type Given = Awaited<ReturnType<typeof given>>;
const acts = {
  leaves: ({ userId }: Given) => usher.call("DELETE", `/users/${userId}`),
  "is suspended": ({ path, user }: Given) => usher.call("PUT", path, { ...user, suspended: true }),
  "is taken out": ({ path }: Given) => usher.call("DELETE", path),
};

test.each([202, 504].flatMap((status) => Object.keys(acts).map((how) => [how, status] as const)))(
  "a user who %s while a creation that was answered %i may still be carried out is pending, and shut out once the account is there",
  async (how, status) => {
    const now = await given(status);
    const act = () => acts[how as keyof typeof acts](now);
    for (let times = 0; times < 2; times += 1) {
      const early = await act();
      expect(early.status).toBe(202);
      expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(early.text).toContain('"state":"pending"');
      expect((await usher.call("GET", now.path)).body).toMatchObject({ state: "pending" });
      expect((await usher.call("GET", `/users/${now.userId}`)).status).toBe(200);
    }
    expect(writes(now.provider)).toEqual([]);

    now.turnsUp();
    expect((await act()).status).toBe(200);
    const left = (await now.provider.users()).filter(({ active }) => active);
    expect(left).toEqual([]);
  },
);

test.each([
  [202, 300],
  [504, 60],
])(
  "a doubt about a creation that was answered %i ends with an empty look-up after %i s",
  async (status, seconds) => {
    const now = await given(status);
    await leap((seconds - 20) * 1_000);
    expect((await acts.leaves(now)).status).toBe(202);
    await leap(20_000);
    expect((await acts.leaves(now)).status).toBe(200);
    forget(now.provider);
    expect((await usher.call("GET", `/users/${now.userId}`)).status).toBe(404);
    expect((await acts.leaves(now)).status).toBe(200);
    expect(requestLines(now.provider)).toEqual([]);
  },
);

test("a user who is renamed while a creation may still be carried out has no second account", async () => {
  const { provider, user, path, turnsUp } = await given(504);
  delete provider.switches.createsBehindTimeout;
  const email = `new.${user.email}`;
  expect((await usher.call("PUT", path, { ...user, email })).body).toMatchObject({ state: "pending" });
  const id = turnsUp();
  expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync", remoteId: id });
  expect(await provider.users()).toMatchObject([{ id, userName: email }]);
});
