import { expect, test, vi } from "vitest";
import type { ServiceProvider } from "../../../shared/provisioning/ports/service-provider.ts";
import { createScimClient } from "../../../shared/scim/client.ts";
import { failureOf, type Handler, listOf, secret, startServer } from "../loopback.ts";

const limits = { sendUntil: Date.now() + 60_000, answerUntil: Date.now() + 60_000 };

/** One client, as a process has one, and a provider that takes only one secret. */
const given = async () => {
  const { baseUrl, requests } = await startServer(({ headers }) =>
    headers.authorization === `Bearer ${secret}` ? listOf() : { status: 401 },
  );
  const client = createScimClient({ allowLoopback: true });
  const as = (clientSecret: string, secretVersionId?: string) =>
    client(
      {
        baseUrl,
        profile: "generic",
        credentials: { type: "bearer", clientSecret },
        ...(secretVersionId && { secretVersionId }),
      },
      limits,
    );
  return { as, requests };
};

test("a secret that was refused goes out no more, neither in this attempt nor in one that was open already", async () => {
  const { as, requests } = await given();
  const [one, other] = [as("wrong", "v1"), as("wrong", "v1")];
  expect(await failureOf(one.findUsers("a"))).toMatchObject({ kind: "unauthorized", status: 401 });
  expect((await failureOf(one.findUsers("a"))).kind).toBe("unauthorized");
  const failure = await failureOf(other.createUser({ userName: "a" }));
  expect(failure).toMatchObject({ kind: "unauthorized", maybeApplied: false });
  expect(failure.message).toContain("nothing was sent");
  expect(other.requestCount()).toBe(0);
  expect(requests).toHaveLength(1);
});

test("the secret that comes after it is tried, and so is one that is only tested", async () => {
  const { as, requests } = await given();
  await failureOf(as("wrong", "v1").findUsers("a"));
  expect(await as(secret, "v2").findUsers("a")).toEqual([]);
  expect((await failureOf(as("wrong").findUsers("a"))).status).toBe(401);
  expect(await as(secret).findUsers("a")).toEqual([]);
  expect(requests).toHaveLength(4);
});

test.each<[string, Handler, (provider: ServiceProvider) => Promise<unknown>]>([
  [
    "discovery",
    ({ path }) => (path.endsWith("/ServiceProviderConfig") ? { status: 401 } : listOf()),
    (provider) => provider.capabilities(),
  ],
  [
    "a list without a filter",
    ({ query }) => ({ status: query.filter === undefined ? 401 : 404 }),
    (provider) => failureOf(provider.findUsers("a")),
  ],
])("a 401 for %s alone does not stop the secret", async (_, handler, ask) => {
  const { baseUrl, requests } = await startServer(handler);
  const target = { baseUrl, profile: "generic" as const, secretVersionId: "v1" };
  const credentials = { type: "bearer" as const, clientSecret: secret };
  const provider = createScimClient({ allowLoopback: true })({ ...target, credentials }, limits);
  await ask(provider);
  requests.length = 0;
  await provider.findUsers("b").catch(() => undefined);
  expect(requests).not.toEqual([]);
});

test("a request that waits to be repeated is not, once the secret was refused; it may have been applied", async () => {
  const { baseUrl, requests } = await startServer(({ method }) =>
    method === "PATCH" ? { status: 503, headers: { "retry-after": "1" } } : { status: 401 },
  );
  const client = createScimClient({ allowLoopback: true });
  const credentials = { type: "bearer" as const, clientSecret: "wrong" };
  const open = () => client({ baseUrl, profile: "generic", credentials, secretVersionId: "v1" }, limits);
  const changing = failureOf(open().patchUser("1", [{ path: "active", to: false }]));
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  await failureOf(open().findUsers("a"));
  expect(await changing).toMatchObject({ kind: "unauthorized", maybeApplied: true });
  expect(requests.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
});
