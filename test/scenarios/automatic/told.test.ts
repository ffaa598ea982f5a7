import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Notice } from "../../../shared/model/notice.ts";
import type { Quirky } from "../../providers/quirky/quirky.ts";
import { collectLog } from "../../support/log-lines.ts";
import { until } from "../../support/quick-time.ts";
import { givenQuirky } from "../../support/quirks.ts";
import { givenProvisioned, scimError, useUsher } from "../../support/steps.ts";

/** What the webhook was posted. */
let told: Notice[] = [];
let status = 200;
const hook = createServer((request, response) => {
  let text = "";
  request.on("data", (part) => {
    text += part;
  });
  request.on("end", () => {
    if (status === 200) told.push(JSON.parse(text));
    response.writeHead(status).end("thank you");
  });
});
const secretPath = "/services/hush-4711";
const usher = useUsher(async () => {
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  return { notifyUrl: `http://127.0.0.1:${(hook.address() as AddressInfo).port}${secretPath}` };
});
afterAll(() => {
  hook.closeAllConnections();
  hook.close();
});
beforeEach(() => {
  told = [];
  status = 200;
});

const refusing = (provider: Quirky) => {
  provider.intercept = ({ method }) =>
    method === "GET" || method === "POST" ? undefined : scimError(400, "No such thing.");
};
const mend = async (provider: Quirky, { path }: { path: string }) => {
  provider.intercept = undefined;
  await usher.call("POST", `${path}/retry`);
  await usher.run.recover();
};
const stateOf = async (path: string) => (await usher.call("GET", path)).body.state;
const minute = 60_000;
const passMinute = async () => {
  await sleep(minute);
  await usher.run.recover();
  await usher.run.watch();
};
const givenLeaver = async (fields: object = {}) => {
  const { provider, integration } = await givenQuirky(usher, {}, fields);
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration)) };
};

test("a leaver whom the provider refuses to close is told at once, and told to be over once that is mended", async () => {
  const application = { name: "Test application", displayLabel: "Example prod" };
  const { provider, integration, userId, path } = await givenLeaver({ application });
  const { integrationId } = integration;
  refusing(provider);
  const asked = Date.now();
  await usher.call("DELETE", `/users/${userId}`);
  await until(async () => (await stateOf(path)) === "failed");
  await usher.run.watch();
  expect(told).toMatchObject([
    {
      status: "opened",
      kind: "access-open",
      integrationId,
      label: "Example prod",
      ids: [userId],
      text: expect.stringMatching(
        /^Access may still be open at Example prod for somebody: .* is not confirmed\. /,
      ),
    },
  ]);
  expect(told[0]?.text).not.toContain(userId);
  expect(Math.abs(Date.parse(told[0]?.since ?? "") - asked)).toBeLessThan(5_000);

  await mend(provider, integration);
  await until(async () => (await stateOf(path)) === "deleted");
  await usher.run.watch();
  await passMinute();
  expect(told.slice(1)).toMatchObject([{ status: "closed", kind: "access-open", ids: [userId] }]);
});

test("a leaver of a provider that is down is told within five minutes of the time of the policy", async () => {
  const { provider, userId } = await givenLeaver();
  provider.intercept = () => scimError(503, "Down for maintenance.");
  const asked = Date.now();
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  while (!told.some(({ kind }) => kind === "access-open")) await passMinute();
  expect(Date.now() - asked).toBeGreaterThanOrEqual(5 * minute);
  expect(Date.now() - asked).toBeLessThan(10 * minute);
  expect(told.filter(({ kind }) => kind === "access-open")).toMatchObject([{ ids: [userId] }]);
  provider.intercept = undefined;
  while (!told.some(({ kind, status: of }) => kind === "access-open" && of === "closed")) await passMinute();
  expect(await provider.users()).toMatchObject([{ active: false }]);
});

test("figures are at GET /metrics, and fall to 0 once all is well", async () => {
  const { provider, integration, userId, path } = await givenLeaver();
  const openThere = async () => {
    await usher.run.watch();
    const response = await fetch(`${usher.run.url}/metrics`, {
      headers: { authorization: `Bearer ${usher.run.token}` },
    });
    const text = await response.text();
    return new RegExp(`usher_access_open{integration_id="${integration.integrationId}"} (\\d+)`).exec(
      text,
    )?.[1];
  };
  expect(await openThere()).toBe("0");
  refusing(provider);
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  await until(async () => (await stateOf(path)) === "failed");
  expect(await openThere()).toBe("1");
  await mend(provider, integration);
  await until(async () => (await stateOf(path)) === "in_sync");
  expect(await openThere()).toBe("0");
});

test("a webhook that fails is logged without its address, and hears of it once it is back", async () => {
  const { provider, userId, path } = await givenLeaver();
  refusing(provider);
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  await until(async () => (await stateOf(path)) === "failed");
  status = 503;
  const log = collectLog();
  await expect(usher.run.watch()).rejects.toThrow("Not everything was seen or told.");
  const lines = log.texts.join("");
  expect(lines).toContain("The webhook answered 503.");
  expect(lines).not.toMatch(/hush-4711|127\.0\.0\.1/);
  status = 200;
  await passMinute();
  expect(told.filter(({ status: of }) => of === "opened")).toMatchObject([{ ids: [userId] }]);
});
