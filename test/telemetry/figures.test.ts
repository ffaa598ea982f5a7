import { expect, test } from "vitest";
import { startScimmy } from "../providers/scimmy.ts";
import {
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  scimError,
  useUsher,
} from "../support/steps.ts";

const usher = useUsher();

/** The samples of `GET /metrics` whose value has changed since, with the difference. */
const changed = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
  const samples = async () => {
    const headers = { authorization: `Bearer ${usher.run.token}` };
    const text = await (await fetch(`${usher.run.url}/metrics`, { headers })).text();
    const lines = text.split("\n").filter((line) => line.startsWith("usher_") && !/_(bucket|sum)/.test(line));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ""), Number(line.split(" ").at(-1))]));
  };
  const before = await samples();
  await work();
  const differences = [...(await samples())].map(
    ([name, value]) => [name, value - (before.get(name) ?? 0)] as const,
  );
  return Object.fromEntries(differences.filter(([, difference]) => difference !== 0));
};

const given = async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration)) };
};
const once = <T>(value: T): (() => T | undefined) => {
  let isLeft = true;
  return () => {
    const now = isLeft ? value : undefined;
    isLeft = false;
    return now;
  };
};

test("a new user is one attempt and as many answers as requests", async () => {
  // The first event of the process is one of the directory.
  await givenSaved(usher, 1);
  const provider = await givenProvider(startScimmy);
  const { path } = await givenIntegration(usher, provider);
  const userId = newId("user");
  const user = { email: `${userId}@example.com`, firstname: "Ada", lastname: "Osei" };
  expect(await changed(() => usher.call("PUT", `${path}/users/${userId}`, user))).toEqual({
    usher_attempts_total: 1,
    usher_provider_latency_seconds_count: provider.requests.length,
  });
});

test("a user who is saved, and one of whom nothing is sent, are no attempt", async () => {
  const { path, user, userId } = await given();
  expect(
    await changed(async () => {
      await usher.call("PUT", `/users/${newId("user")}`, { ...user, email: "eve@example.com" });
      await usher.call("PUT", path, user);
      await usher.call("PUT", `/users/${userId}`, user);
    }),
  ).toEqual({});
});

test("a refusal is a failure under its code", async () => {
  const { provider, path, user } = await given();
  provider.intercept = () => scimError(400, "No.");
  expect(await changed(() => usher.call("PUT", path, { ...user, jobTitle: "Director" }))).toMatchObject({
    usher_attempts_total: 1,
    'usher_failures_total{code="provider-rejected"}': 1,
  });
});

const soon = { "retry-after": "1" };
test.each([
  [429, {}, 1],
  [429, soon, 1],
  [503, soon, 1],
  [403, soon, 1],
  [503, {}, 0],
  [500, soon, 0],
])("an answer %i with %j counts as %i that asks to wait", async (status, headers, count) => {
  const { provider, path, user } = await given();
  provider.intercept = once(scimError(status, "Later.", headers));
  const { usher_provider_throttles_total = 0, ...rest } = await changed(() =>
    usher.call("PUT", path, { ...user, jobTitle: "Director" }),
  );
  expect(usher_provider_throttles_total).toBe(count);
  expect(rest).toEqual({
    usher_attempts_total: 1,
    usher_provider_latency_seconds_count: provider.requests.length,
  });
});

test("a request without an answer has no latency", async () => {
  const { provider, path, user } = await given();
  provider.intercept = once("drop-before" as const);
  const figures = await changed(() => usher.call("PUT", path, { ...user, jobTitle: "Director" }));
  expect(provider.requests.length).toBeGreaterThan(1);
  expect(figures.usher_provider_latency_seconds_count).toBe(provider.requests.length - 1);
});
