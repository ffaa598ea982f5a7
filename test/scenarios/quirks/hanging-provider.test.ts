import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { handler as deleteUser } from "../../../functions/delete-user.ts";
import { handler as lockUser } from "../../../functions/lock-user.ts";
import { handler as provisionUser } from "../../../functions/provision-user.ts";
import type { HttpHandler } from "../../../shared/http/invocation.ts";
import { bodyOf, call, posted } from "../../http/support.ts";
import { givenQuirky } from "../../support/quirks.ts";
import { aPerson, givenProvisioned, useUsher } from "../../support/steps.ts";

const usher = useUsher();

type Came = { status: number; ms: number; body: Record<string, unknown>; retryAfter: number };

/** One Lambda: without the lanes of the local front, as many run at a time as are called. */
const invoke = async (
  handler: HttpHandler,
  request: { method: string; path: string; params: Record<string, string> },
  body?: object,
): Promise<Came> => {
  const began = Date.now();
  const parts = body ? posted(body, request) : request;
  const result = await call(handler, parts, { ...context(began) } as never);
  const retryAfter = Number(result.headers?.["retry-after"]);
  return { status: result.statusCode ?? 0, ms: Date.now() - began, body: bodyOf(result), retryAfter };
};
const context = (began: number) => ({
  functionName: "f",
  awsRequestId: "r",
  getRemainingTimeInMillis: () => 29_000 - (Date.now() - began),
});
const putUser = (integrationId: string, { userId, user } = aPerson()) =>
  invoke(
    provisionUser,
    {
      method: "PUT",
      path: `/integrations/${integrationId}/users/${userId}`,
      params: { integrationId, userId },
    },
    user,
  );

test("a provider that takes connections and never answers holds Lambdas once, then calls are answered at once, and removals get their probe", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const { integrationId } = integration;
  const leaver = await givenProvisioned(usher, provider, integration);
  const locked = await givenProvisioned(usher, provider, integration);
  provider.intercept = () => "hang";

  const wave = await Promise.all(Array.from({ length: 24 }, () => putUser(integrationId)));
  expect(wave.map(({ status }) => status)).toEqual(wave.map(() => 202));
  // All wait out their time (24.6 s), since nothing was known when they came; the rest is this machine's own.
  expect(Math.max(...wave.map(({ ms }) => ms))).toBeLessThan(27_000);
  const { body } = await usher.call("GET", integration.path);
  expect(body.status).toBe("quarantined");

  provider.requests.length = 0;
  const after = await Promise.all(Array.from({ length: 200 }, () => putUser(integrationId)));
  expect(new Set(after.map(({ status }) => status))).toEqual(new Set([202]));
  expect(after.every(({ retryAfter }) => retryAfter > 0)).toBe(true);
  // On a machine that runs all 200 in one process; each alone takes milliseconds.
  const ofProvider = provider.requests.filter(({ path }) => path.startsWith("/Users"));
  expect(ofProvider.length).toBeLessThan(3);
  const alone = await putUser(integrationId);
  expect(alone.ms).toBeLessThan(1_000);

  // Whose access ends is tried all the same, without repeats.
  const params = { userId: leaver.userId };
  const leaving = await invoke(deleteUser, {
    method: "DELETE",
    path: `/users/${leaver.userId}`,
    params,
  });
  expect([leaving.status, leaving.ms > 5_000]).toEqual([202, true]);
  const lock = await invoke(
    lockUser,
    { method: "POST", path: `/users/${locked.userId}/lock`, params: { userId: locked.userId } },
    { reason: "lost laptop" },
  );
  expect([lock.status, lock.ms < 25_000]).toEqual([202, true]);

  provider.intercept = undefined;
  for (let waited = 0; waited < 30; waited += 1) {
    await sleep(20_000);
    await usher.run.recover();
    if ((await usher.call("GET", integration.path)).body.status === "active") break;
  }
  expect((await usher.call("GET", integration.path)).body.status).toBe("active");
  expect((await usher.call("GET", `${integration.path}/users/${locked.userId}`)).body.active).toBe(false);
}, 120_000);
