import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { createThings, putThing, scanThings, thingsClient } from "./steps.ts";

/** A file system of so many megabytes; undefined where this machine does not let it be mounted. */
const smallDisk = (megabytes: number): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), "usher-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};
const probe = mkdtempSync(join(tmpdir(), "usher-mount-"));
const canMount = (() => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
})();

/** Fills what is left of the disk; the function that it returns frees it again. */
const fill = (folder: string): (() => void) => {
  const path = join(folder, "ballast");
  let size = 64 * 1024 * 1024;
  for (; size >= 1024; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // So much does not fit any more.
    }
  }
  return () => rmSync(path);
};

test.runIf(canMount)(
  "given a full disk, when writes fail, then none is half done, it is told, and all goes on once there is space",
  async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const dataDir = smallDisk(8) ?? "";
    const engine = await openDynamoDb(dataDir);
    onTestFinished(() => engine.close());
    const client = thingsClient(engine);
    await createThings(client);
    expect(await engine.trouble()).toBeUndefined();
    const free = fill(dataDir);
    let written = 0;
    const writeMany = async () => {
      for (; written < 5000; written += 1) await putThing(client, written);
    };
    await expect(writeMany()).rejects.toMatchObject({ name: "InternalServerError" });
    expect(await engine.trouble()).toMatch(/is full: nothing can be written\. Free space/);
    expect(told.mock.calls.flat().join()).toContain("is full");
    expect(await scanThings(client)).toHaveLength(written);

    free();
    expect(await engine.trouble()).toBeUndefined();
    await putThing(client, written);
    expect(await scanThings(client)).toHaveLength(written + 1);
  },
);

test.runIf(canMount)(
  "given a full disk under a run, when it is freed, then health and writes come back without a restart",
  async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(console, "log").mockImplementation(() => {});
    const dataDir = smallDisk(8) ?? "";
    const run = await startEmbeddedRun({ port: 0, dataDir });
    onTestFinished(() => run.close());
    const headers = { authorization: `Bearer ${run.token}`, "content-type": "application/json" };
    const put = (nth: number) =>
      fetch(`${run.url}/users/user-${nth}`, {
        method: "PUT",
        headers,
        body: JSON.stringify({ email: `u${nth}@example.com`, firstname: "Ada", lastname: "x".repeat(200) }),
      });
    const health = () => fetch(`${run.url}/health`);
    expect((await put(0)).status).toBeLessThan(300);
    expect((await health()).status).toBe(200);

    const free = fill(dataDir);
    let [nth, status] = [1, 200];
    while (status < 300 && nth < 5000) status = (await put(nth++)).status;
    expect(status).toBe(503);
    const ill = await health();
    expect(ill.status).toBe(503);
    expect(await ill.json()).toMatchObject({ code: "store-unavailable", status: 503 });

    free();
    expect((await health()).status).toBe(200);
    expect((await put(nth)).status).toBeLessThan(300);
  },
);

test("given a store that may not grow, when it is full, then the write is refused whole and reads go on", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const dataDir = mkdtempSync(join(tmpdir(), "usher-limit-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const engine = await openDynamoDb(dataDir, Date.now, { maxPages: 60 });
  onTestFinished(() => engine.close());
  const client = thingsClient(engine);
  await createThings(client);
  let written = 0;
  const writeMany = async () => {
    for (; written < 5000; written += 1) await putThing(client, written);
  };
  await expect(writeMany()).rejects.toMatchObject({ name: "InternalServerError" });
  expect(await scanThings(client)).toHaveLength(written);
  expect(await scanThings(client, "byColor")).toHaveLength(written);
});

test("given many writers at once, when the store is full, then every write that was told as done is there", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const dataDir = mkdtempSync(join(tmpdir(), "usher-limit-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const engine = await openDynamoDb(dataDir, Date.now, { maxPages: 200 });
  const client = thingsClient(engine);
  await createThings(client);
  const told: number[] = [];
  let refused = 0;
  for (let from = 0; refused === 0 && from < 5000; from += 20) {
    const some = Array.from({ length: 20 }, (_, at) => from + at);
    const ended = await Promise.allSettled(some.map((nth) => putThing(client, nth)));
    for (const [at, { status }] of ended.entries())
      if (status === "fulfilled") told.push(from + at);
      else refused += 1;
  }
  expect(refused).toBeGreaterThan(0);
  expect(told.length).toBeGreaterThan(20);
  await engine.close();

  const again = await openDynamoDb(dataDir);
  onTestFinished(() => again.close());
  const there = await scanThings(thingsClient(again));
  expect(there.length).toBeGreaterThanOrEqual(told.length);
});
