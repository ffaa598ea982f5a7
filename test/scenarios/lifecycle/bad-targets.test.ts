import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  activation,
  eventsOf,
  givenIntegration,
  givenProvider,
  newId,
  useUsher,
  writes,
} from "../../support/steps.ts";

// Names lead where a test says; no test asks the network.
vi.mock("node:dns", async (original) => ({
  ...(await original<typeof import("node:dns")>()),
  lookup: (name: string, _: object, done: (error: Error | null, addresses?: object[]) => void) => {
    const address = { "private.example.com": "10.20.30.40", "metadata.example.com": "169.254.169.254" }[name];
    if (address)
      done(null, [
        { address: "93.184.215.14", family: 4 },
        { address, family: 4 },
      ]);
    else {
      const unknown = { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: name };
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), unknown));
    }
  },
}));

const usher = useUsher();

/** A server that does not speak SCIM, and what it was asked. */
const givenServer = async (listener: RequestListener) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

const activate = async (baseUrl: string, more: object = {}) => {
  const correlation = newId("bad-target");
  const body = {
    application: { name: "Lying" },
    baseUrl,
    credentials: { type: "bearer", clientSecret: "tok" },
    ...more,
  };
  const answer = await usher.call("POST", "/integrations", body, { "x-correlation-id": correlation });
  const events = await eventsOf(usher, `correlationId=${correlation}`);
  return { answer, events };
};
const scim = { "content-type": "application/scim+json" };

test.each<[string, RequestListener]>([
  [
    "an HTML page",
    (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>"),
  ],
  [
    "HTML that claims to be SCIM",
    (_, response) => response.writeHead(200, scim).end("<!doctype html><title>Sign in</title>"),
  ],
  ["404 for everything", (_, response) => response.writeHead(404).end()],
  ["405 for everything", (_, response) => response.writeHead(405).end("no")],
  ["cut JSON", (_, response) => response.writeHead(200, scim).end('{"Resources": [')],
  ["JSON that is no list", (_, response) => response.writeHead(200, scim).end('"hello"')],
  [
    "a list of somebody",
    (_, response) => response.writeHead(200, scim).end('{"Resources": "many", "totalResults": {}}'),
  ],
  [
    "100 MB",
    (_, response) => {
      response.writeHead(200, scim);
      const chunk = Buffer.alloc(1024 * 1024, 32);
      let left = 100;
      const more = () => {
        left -= 1;
        if (left === 0) response.end("{}");
        else if (response.write(chunk)) more();
        else response.once("drain", more);
      };
      more();
    },
  ],
])("an activation against %s fails with an event and keeps nothing", async (_, listener) => {
  const { baseUrl } = await givenServer(listener);
  const { answer, events } = await activate(baseUrl);
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({
    code: "activation-test-failed",
    detail: expect.stringContaining(baseUrl),
  });
  expect(events).toMatchObject([
    { id: answer.body.eventId, event_type: "idm_integration_activate", success: false },
  ]);
  expect(answer.text).not.toContain("<");
  expect((await usher.call("GET", `/integrations/${events[0]?.idm_client_id}`)).status).toBe(404);
});

test("a redirect to another origin is not followed, and the token is not shown there", async () => {
  const thief = await givenServer((_, response) =>
    response.writeHead(200, scim).end('{"Resources":[],"totalResults":0}'),
  );
  const { baseUrl } = await givenServer((request, response) =>
    response.writeHead(307, { location: thief.baseUrl + request.url }).end(),
  );
  const { answer } = await activate(baseUrl);
  expect(answer.status).toBe(422);
  expect(thief.asked).toEqual([]);
});

test("a redirect without end fails", async () => {
  const { baseUrl, asked } = await givenServer((request, response) =>
    response.writeHead(308, { location: `${request.url}x` }).end(),
  );
  expect((await activate(baseUrl)).answer.status).toBe(422);
  expect(asked.length).toBeLessThan(100);
});

test("a port where nobody listens", async () => {
  const provider = await startStrongDm();
  await provider.close();
  const { answer, events } = await activate(provider.baseUrl);
  expect([answer.status, answer.body.code]).toEqual([503, "provider-unavailable"]);
  expect(answer.headers.get("retry-after")).toBe("30");
  expect(answer.body.detail).toContain("Nothing was saved");
  expect(events).toMatchObject([{ id: answer.body.eventId, success: false }]);
});

test.each<[string, RequestListener, string]>([
  ["500", (_, response) => response.writeHead(500).end(), "30"],
  [
    "503 and when to come back",
    (_, response) => response.writeHead(503, { "retry-after": "77" }).end(),
    "77",
  ],
  [
    "429 and when to come back",
    (_, response) => response.writeHead(429, { "retry-after": "77" }).end(),
    "77",
  ],
  [
    "an answer that ends early",
    (_, response) => {
      response.writeHead(200, { ...scim, "content-length": "1000" }).write('{"Resources":');
      response.destroy();
    },
    "30",
  ],
])("an activation that meets %s is 503 with Retry-After, and keeps nothing", async (_, listener, wait) => {
  const { baseUrl } = await givenServer(listener);
  const { answer, events } = await activate(baseUrl);
  expect([answer.status, answer.body.code]).toEqual([503, "provider-unavailable"]);
  expect(answer.headers.get("retry-after")).toBe(wait);
  expect(events).toMatchObject([{ id: answer.body.eventId, success: false }]);
  expect((await usher.call("GET", `/integrations/${events[0]?.idm_client_id}`)).status).toBe(404);
});

test("a change and new credentials that meet a provider which is down are 503, and what was stays", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const before = (await usher.call("GET", path)).body;
  const credentials = { type: "bearer", clientSecret: provider.token };
  provider.intercept = () => ({ status: 503, headers: { "retry-after": "77" } });
  for (const answer of [
    await usher.call("PATCH", path, { credentials }),
    await usher.call("POST", `${path}/reauth`, { credentials }),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([503, "provider-unavailable"]);
    expect(answer.headers.get("retry-after")).toBe("77");
    expect(answer.body.eventId).toEqual(expect.any(String));
  }
  expect((await usher.call("GET", path)).body).toEqual(before);
});

test("a name that does not exist", async () => {
  const { answer } = await activate("https://nowhere.example.com/scim");
  expect([answer.status, answer.body.code]).toEqual([422, "activation-test-failed"]);
  expect(answer.body.detail).toContain("the name nowhere.example.com does not exist: check its spelling");
  expect(answer.body.detail).not.toContain("ENOTFOUND");
});

test.each(["private.example.com", "metadata.example.com"])(
  "a name that leads to a private address, also beside a public one: %s",
  async (name) => {
    const { answer, events } = await activate(`https://${name}/scim`);
    expect([answer.status, answer.body.code]).toEqual([422, "target-refused"]);
    expect(events).toMatchObject([{ id: answer.body.eventId, success: false }]);

    const provider = await givenProvider(startStrongDm);
    const { path } = await givenIntegration(usher, provider);
    const before = (await usher.call("GET", path)).body;
    const credentials = { type: "bearer", clientSecret: "tok" };
    const moved = await usher.call("PATCH", path, { baseUrl: `https://${name}/scim`, credentials });
    expect([moved.status, moved.body.code]).toEqual([422, "target-refused"]);
    expect((await usher.call("GET", path)).body).toEqual(before);
  },
);

test("a server that answers the lookups and then lies about a creation makes no link", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  provider.intercept = ({ method }) =>
    method === "POST"
      ? { status: 201, headers: scim, body: JSON.stringify({ userName: "other@example.com" }) }
      : undefined;
  const userId = newId("user");
  const user = { email: `${userId}@example.com`, firstname: "A", lastname: "B" };
  const answer = await usher.call("PUT", `${path}/users/${userId}`, user);
  expect([answer.status, answer.body.code]).toEqual([502, "provider-malformed"]);
  expect((await usher.call("GET", `${path}/users/${userId}`)).body).not.toHaveProperty("remoteId");
  provider.intercept = undefined;
  expect((await usher.call("PUT", `${path}/users/${userId}`)).body).toMatchObject({
    action: "created",
    state: "in_sync",
  });
});

test("a lookup that answers HTML during provisioning writes nothing", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  provider.intercept = () => ({
    status: 200,
    headers: { "content-type": "text/html" },
    body: "<html><b>Log in</b></html>",
  });
  const userId = newId("user");
  const user = { email: `${userId}@example.com`, firstname: "A", lastname: "B" };
  const answer = await usher.call("PUT", `${path}/users/${userId}`, user);
  expect([answer.status, answer.body.code]).toEqual([502, "provider-malformed"]);
  expect(writes(provider)).toEqual([]);
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event).toMatchObject({
    event_type: "user_lookup_provision",
    success: false,
    message_chain: { response_code: 200 },
  });
  expect(JSON.stringify(event)).not.toContain("<");
});

test("an activation whose provider is slow to refuse still ends in time", async () => {
  const provider = await givenProvider(startStrongDm);
  provider.intercept = () => "hang";
  const began = performance.now();
  const answer = await usher.call("POST", "/integrations", activation(provider));
  expect(performance.now() - began).toBeLessThan(29_000);
  expect([answer.status, answer.body.code]).toEqual([503, "provider-unavailable"]);
}, 40_000);

test.each([
  [
    "the app's address",
    { baseUrl: "https://app.strongdm.com/app/login" },
    "baseUrl",
    /provisioning.+bookmarkUrl/,
  ],
  ["a region's app", { baseUrl: "https://app.eu.strongdm.com/app/login" }, "baseUrl", /\(eu\)/],
  ["the bare host", { baseUrl: "https://app.strongdm.com" }, "baseUrl", /provisioning/],
  ["another path there", { baseUrl: "https://app.strongdm.com/provisioning/okta/v2" }, "baseUrl", /generic/],
  [
    "a region beside the base URL of another",
    { region: "eu", baseUrl: "https://app.strongdm.com/provisioning/generic/v2" },
    "region",
    /app\.eu\.strongdm\.com.+give one/,
  ],
  ["an unknown region", { region: "mars" }, "region", /us/],
  ["a region of a provider without", { profile: "generic", region: "eu" }, "region", /no regions/],
])("%s is 400 with what to give instead", async (_, fields, path, message) => {
  const { answer, events } = await activate("", { profile: "strongdm", baseUrl: undefined, ...fields });
  expect([answer.status, answer.body.code]).toEqual([400, "invalid-input"]);
  expect(answer.body.errors).toContainEqual({ path, message: expect.stringMatching(message) });
  expect(events).toEqual([]);
});
