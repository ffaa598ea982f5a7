import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startScimmy } from "../providers/scimmy.ts";
import {
  activate,
  backUp,
  type Connected,
  connect,
  givenBackup,
  type Json,
  person,
  restore,
  startCopying,
} from "./backup-steps.ts";
import { spawnUsher, startUsher } from "./start-process.ts";
import { dataFolder } from "./steps.ts";

const start = async (dataDir: string) => {
  const usher = await startUsher({ words: ["--quiet"], cwd: dataFolder(), env: { USHER_DATA_DIR: dataDir } });
  onTestFinished(() => usher.end("SIGKILL"));
  return connect(usher, dataDir);
};

const givenProvider = async () => {
  const provider = await startScimmy();
  onTestFinished(() => provider.close());
  return provider;
};

/** Users who are provisioned one after the other until `stop`, by several callers at once; those who were answered. */
const underLoad = (usher: Connected, path: string) => {
  const answered: string[] = [];
  let isOver = false;
  let made = 0;
  const caller = async () => {
    while (!isOver) {
      const userId = `user-${++made}`;
      const answer = await usher
        .call("PUT", `${path}/users/${userId}`, person(userId))
        .catch(() => undefined);
      if (answer?.status === 200) answered.push(userId);
    }
  };
  const callers = Promise.all([caller(), caller(), caller(), caller()]);
  return {
    answered,
    stop: async () => {
      isOver = true;
      await callers;
    },
  };
};
const until = async (isSo: () => boolean) => {
  while (!isSo()) await sleep(20);
};
const drafts = (folder: string) => readdirSync(folder).filter((name) => name.includes(".part-"));

test("a backup under load, also of a run that is killed meanwhile, gives back every user, event and secret", {
  timeout: 120_000,
}, async () => {
  const [home, provider] = [dataFolder(), await givenProvider()];
  const dataDir = join(home, "data");
  const usher = await start(dataDir);
  const path = await activate(usher, provider);
  const load = underLoad(usher, path);
  await until(() => load.answered.length >= 60);
  const before = [...load.answered];
  const first = await backUp(dataDir, join(home, "first"));
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out).toMatch(/\d+ items of usher-events, \d+ items of usher-state, 2 secrets, each read back/);

  await until(() => load.answered.length >= before.length + 40);
  const beforeSecond = [...load.answered];
  const second = startCopying("back-up", { dataDir, folder: join(home, "second") });
  await sleep(60);
  await usher.end("SIGKILL");
  expect(await second.ended).toMatchObject({ code: 0 });
  await load.stop();

  for (const [name, known] of [
    ["first", before],
    ["second", beforeSecond],
  ] as const) {
    const restored = join(home, `${name} again`);
    expect(await restore(join(home, name), restored)).toMatchObject({ code: 0, err: "" });
    provider.requests.length = 0;
    const again = await start(restored);
    expect(again.out()).toMatch(/restored +as of \S+: 1 integration is paused until you resume/);
    const users = new Set((await again.all("/users?")).map(({ userId }) => userId));
    expect(known.filter((userId) => !users.has(userId))).toEqual([]);
    const created = await again.all("/events?eventType=user_create_provision&");
    const subjects = new Set(created.map(({ resource }) => (resource as Json).id));
    expect(known.filter((userId) => !subjects.has(userId))).toEqual([]);
    // The token of before, and the secret that opens the provider.
    expect((await again.call("GET", path)).body).toMatchObject({ status: "paused" });
    expect(provider.requests).toEqual([]);
    expect((await again.call("POST", `${path}/test`)).body).toMatchObject({ ok: true });
    expect((await again.call("POST", `${path}/resume`)).status).toBe(200);
    const joiner = `joiner-${name}`;
    expect((await again.call("PUT", `${path}/users/${joiner}`, person(joiner))).body).toMatchObject({
      action: "created",
    });
    await again.end();
    expect((await start(restored)).out()).not.toMatch(/restored +as of/);
  }
});

test("a copy of a file whose log is begun anew again and again has all that was done before, and no gap", {
  timeout: 120_000,
}, async () => {
  const home = dataFolder();
  const dataDir = join(home, "data");
  const file = fileURLToPath(new URL("counting-process.ts", import.meta.url));
  const child = spawn(process.execPath, [file, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let done = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    done = Number(text.trim().split("\n").at(-1));
  });
  await until(() => done > 300);
  for (const name of ["one", "two", "three", "four", "five"]) {
    const before = done;
    const ended = await backUp(dataDir, join(home, name));
    expect(ended).toMatchObject({ code: 0, err: "" });
    const db = new DatabaseSync(join(home, name, "dynamodb.sqlite"), { readOnly: true });
    const { many, highest } = db
      .prepare('SELECT count(*) AS many, max(CAST("key pk" AS INTEGER)) AS highest FROM "items counted"')
      .get() as { many: number; highest: number };
    db.close();
    expect(many).toBe(highest);
    expect(highest).toBeGreaterThanOrEqual(before);
  }
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("a backup or a restore that is killed leaves nothing under its name, and is made by the next", {
  timeout: 120_000,
}, async () => {
  const [home, provider] = [dataFolder(), await givenProvider()];
  const { dataDir, folder, path } = await givenBackup(home, provider);
  for (const name of ["back-up", "restore"] as const) {
    const [from, to] = name === "back-up" ? [dataDir, join(home, "again")] : [folder, join(home, "new data")];
    const copying = () =>
      name === "back-up"
        ? startCopying(name, { dataDir: from, folder: to })
        : startCopying(name, { folder: from, dataDir: to });
    let killed = 0;
    for (let wait = 100; ; wait += 150) {
      const { child, ended } = copying();
      await sleep(wait);
      child.kill("SIGKILL");
      await ended;
      if (existsSync(to)) break;
      killed += 1;
    }
    expect(killed).toBeGreaterThan(0);
    // It was killed once it was whole, or ended before.
    rmSync(to, { recursive: true });
    expect(await copying().ended).toMatchObject({ code: 0 });
    for (const draft of drafts(home)) rmSync(join(home, draft), { recursive: true });
  }
  const again = await start(join(home, "new data"));
  expect((await again.call("GET", `${path}/users/ada`)).body).toMatchObject({ state: "in_sync" });
});

test("a first start over restored data that is killed leaves nothing unpaused", {
  timeout: 120_000,
}, async () => {
  const [home, provider] = [dataFolder(), await givenProvider()];
  const { folder, path } = await givenBackup(home, provider);
  const dataDir = join(home, "new data");
  await restore(folder, dataDir);
  provider.requests.length = 0;
  const isMarked = () => existsSync(join(dataDir, "restored.json"));
  let killed = 0;
  for (const wait of [0, 50, 150, 300, 600]) {
    if (!isMarked()) break;
    const env = { USHER_PORT: "0", USHER_DATA_DIR: dataDir };
    rmSync(join(dataDir, "dynamodb.sqlite-open"), { force: true });
    const { child, closed } = spawnUsher({ words: ["--quiet"], cwd: home, env });
    await until(() => existsSync(join(dataDir, "dynamodb.sqlite-open")) || !isMarked());
    await sleep(wait);
    child.kill("SIGKILL");
    await closed;
    killed += 1;
  }
  expect(killed).toBeGreaterThan(0);
  const usher = await start(dataDir);
  expect((await usher.call("GET", path)).body).toMatchObject({ status: "paused" });
  expect(provider.requests).toEqual([]);
});
