import { expect, test } from "vitest";
import type { Notice } from "../../shared/model/notice.ts";
import { createNoticeWebhook } from "../../shared/webhook/notice-webhook.ts";
import { type Handler, startServer } from "../scim/loopback.ts";

const notice: Notice = {
  messageId: "019ac4f0-0000-7000-8000-000000000000",
  text: "The guard holds what would take access from 12 people at Größe & Co.",
  status: "opened",
  kind: "held",
  integrationId: "int-1",
  label: "Größe & Co",
  ids: ["hold-1"],
  since: "2026-06-01T12:00:00.000Z",
  people: 12,
};
const hush = "hush-4711";

const webhookTo = (url: string, allowLoopback = true) =>
  createNoticeWebhook({ allowLoopback, readUrl: async () => url });
const given = async (handler: Handler) => {
  const { baseUrl, requests } = await startServer(handler);
  const url = `${new URL(baseUrl).origin}/services/${hush}?key=${hush}`;
  return { requests, url, webhook: webhookTo(url) };
};
/** What it says of why, with all that is under it: a log shows that, too. */
const whyNot = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => new Error("it was taken"),
    (thrown: Error) => thrown,
  );
  expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain(hush);
  return error.message;
};

test("a message is posted as JSON to the very address, query included", async () => {
  const { requests, webhook } = await given(() => ({ status: 204 }));
  await webhook.send(notice, 5_000);
  expect(requests).toMatchObject([
    { method: "POST", path: `/services/${hush}`, query: { key: hush }, body: notice },
  ]);
  expect(requests[0]?.headers).toMatchObject({ "content-type": "application/json" });
});

test.each([301, 302, 307, 308])(
  "a redirect by %i is not followed, and the message not taken",
  async (status) => {
    const elsewhere = await given(() => ({}));
    const { webhook } = await given(() => ({ status, headers: { location: elsewhere.url } }));
    expect(await whyNot(webhook.send(notice, 5_000))).toBe(`The webhook answered ${status}.`);
    expect(elsewhere.requests).toEqual([]);
  },
);

test.each([400, 404, 429, 500])(
  "a %i is no message taken, and its words are not repeated",
  async (status) => {
    const { webhook } = await given(() => ({ status, body: `no such hook: ${hush}` }));
    expect(await whyNot(webhook.send(notice, 5_000))).toBe(`The webhook answered ${status}.`);
  },
);

test("one that does not answer, or drips, is given up after its time", async () => {
  const silent = await given(() => undefined);
  const dripping = await given((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
    return undefined;
  });
  for (const { webhook } of [silent, dripping]) {
    const began = performance.now();
    expect(await whyNot(webhook.send(notice, 200))).toBe("The webhook could not be called (timeout).");
    expect(performance.now() - began).toBeLessThan(2_000);
  }
});

test("an answer without an end is not read to it", async () => {
  const { webhook } = await given((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (response.write("x".repeat(65_536)) && !response.destroyed);
    };
    response.on("drain", more).on("error", () => {});
    more();
    return undefined;
  });
  await webhook.send(notice, 5_000);
});

test("a connection that was closed in between costs no message", async () => {
  const { webhook, requests } = await given(() => ({ status: 200 }));
  await webhook.send(notice, 5_000);
  requests[0]?.socket.destroy();
  await webhook.send(notice, 5_000);
  expect(requests).toHaveLength(2);
});

test("nothing is listening there: it says so, and not where", async () => {
  expect(await whyNot(webhookTo(`http://127.0.0.1:9/${hush}`).send(notice, 2_000))).toBe(
    "The webhook could not be called (unconnected).",
  );
});

test.each([
  [`http://hooks.example.com/${hush}`, "must begin with https://"],
  [`https://10.1.2.3/${hush}`, "reserved address"],
  [`https://169.254.169.254/${hush}`, "reserved address"],
  [`https://[fd00::1]/${hush}`, "reserved address"],
  [`https://user:${hush}@hooks.example.com/`, "user name"],
  [hush, "must be a URL"],
])("nothing is sent to %s", async (url, why) => {
  expect(await whyNot(webhookTo(url).send(notice, 2_000))).toContain(why);
});

test("this machine is not called, unless code allows it, and never another one by plain http", async () => {
  const { requests, url } = await given(() => ({}));
  expect(await whyNot(webhookTo(url, false).send(notice, 2_000))).toContain("must begin with https://");
  expect(await whyNot(webhookTo(url.replace("http:", "https:"), false).send(notice, 2_000))).toContain(
    "must not lead to this machine",
  );
  expect(requests).toEqual([]);
});

test("a name that leads to a private address is not called", async () => {
  const webhook = createNoticeWebhook({
    readUrl: async () => `https://hooks.example.com/${hush}`,
    resolve: async () => [{ address: "10.0.0.5", family: 4 }],
  });
  expect(await whyNot(webhook.send(notice, 2_000))).toBe("The webhook could not be called (refused).");
});
