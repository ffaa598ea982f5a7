import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { startQuirky } from "../providers/quirky/quirky.ts";
import { startServer } from "../scim/loopback.ts";

const dataFolder = () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-watch-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
};

test("a run that is to watch does so by itself, one look after the other, until it is closed", async () => {
  let atOnce = 0;
  let most = 0;
  const { requests, baseUrl } = await startServer(async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise((done) => setTimeout(done, 200));
    atOnce -= 1;
    return {};
  });
  const provider = await startQuirky({ switches: {} });
  onTestFinished(() => provider.close());
  const run = await startEmbeddedRun({
    port: 0,
    dataDir: dataFolder(),
    notifyUrl: baseUrl,
    watchEachMs: 20,
  });
  const credentials = {
    type: "bearer",
    clientSecret: provider.token,
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  };
  for (const name of ["One", "Two"])
    await fetch(`${run.url}/integrations`, {
      method: "POST",
      headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
      body: JSON.stringify({
        application: { name },
        baseUrl: provider.baseUrl,
        credentials,
        allowSharedTarget: true,
      }),
    });
  await vi.waitFor(() => expect(requests).toHaveLength(2), { timeout: 10_000 });
  await run.close();
  expect(requests.map(({ body }) => body)).toMatchObject(
    ["One", "Two"].map((label) => ({ kind: "credentials-expiring", status: "opened", label })),
  );
  expect(most).toBe(1);
});

test("an address that no message could be posted to stops the start, and is not repeated", async () => {
  for (const notifyUrl of ["http://hooks.example.com/hush-4711", "hush-4711", "https://10.0.0.1/hush-4711"]) {
    const started = startEmbeddedRun({ port: 0, dataDir: dataFolder(), notifyUrl });
    await expect(started).rejects.toThrow(/^USHER_NOTIFY_URL must (?!.*hush)/);
  }
});
