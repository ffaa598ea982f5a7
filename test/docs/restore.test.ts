import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { App } from "aws-cdk-lib";
import { expect, onTestFinished, test } from "vitest";
import { readSettings } from "../../infra/settings.ts";
import { startUsher } from "../local/start-process.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const guide = read("docs/restore.md");
const blocksIn = (text: string): string[] =>
  [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, code = ""]) => code);
const sectionOf = (heading: string): string =>
  new RegExp(`^## ${heading}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(guide)?.[1] ?? "";

/** npm's part: it runs the script of that name and leaves the user's folder in INIT_CWD. */
const localOf = (script: string) => fileURLToPath(new URL(`../../infra/local/${script}.ts`, import.meta.url));
const withoutNpm = (script: string): string =>
  script
    .replaceAll("npm run backup --", `${process.execPath} ${localOf("back-up")}`)
    .replaceAll("npm run restore --", `${process.execPath} ${localOf("restore")}`);

test("backup and restore on one machine do what the guide says, by copy and paste, until it is resumed", {
  timeout: 60_000,
}, async () => {
  const cwd = mkdtempSync(join(tmpdir(), "usher-restore-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const start = async () => {
    const usher = await startUsher({
      cwd,
      words: ["--sandbox"],
      env: { USHER_DATA_DIR: ".usher", INIT_CWD: cwd },
    });
    onTestFinished(() => usher.end());
    return usher;
  };
  const bash = async (script: string, url = "", id = "") => {
    const [call = ""] = /^usher\(\).*$/m.exec(read("README.md")) ?? [];
    const own = Object.entries(process.env).filter(([name]) => !/^(USHER_|INIT_CWD$|npm_config_)/.test(name));
    const env = { ...Object.fromEntries(own), HOME: cwd, USHER: url, ID: id };
    const { stdout } = await promisify(execFile)(
      "bash",
      ["-ec", `TOKEN="$(cat .usher/token)"\n${call}\n${withoutNpm(script)}`],
      { cwd, env },
    );
    return stdout;
  };
  const lines = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  const first = await start();
  const [, curl = ""] = /\n\n(curl [\s\S]+?)\n\n/.exec(first.out()) ?? [];
  const { integrationId } = JSON.parse(await bash(curl));
  const [once, dated, restoring, starting, looking] = blocksIn(sectionOf("On one machine"));
  expect(await bash(once ?? "")).toMatch(
    /usher-backups\/first: \d+ items of usher-events, .* 2 secrets, each read back/,
  );
  expect(statSync(join(cwd, "usher-backups", "first")).mode & 0o777).toBe(0o700);
  await bash(dated ?? "");
  await first.end();
  expect(await bash(restoring ?? "")).toContain("pauses every integration");
  expect(starting).toBe("npm start\n");

  const second = await start();
  expect(second.out()).toMatch(/restored +as of .*: 1 integration is paused until you resume/);
  const url = second.urlAt("running at");
  expect(lines(await bash(looking ?? "", url))).toMatchObject([
    { status: "ok" },
    { items: [{ integrationId, status: "paused" }] },
    { integrations: [{ status: "paused" }] },
  ]);
  const [since, due, resuming] = blocksIn(sectionOf("Before you resume"));
  const then = "2020-01-01T00:00:00Z";
  const events = lines(await bash(`THEN=${then}\n${since}`, url, integrationId));
  expect(events).toHaveLength(6);
  for (const { items } of events) expect(items).toBeInstanceOf(Array);
  expect(lines(await bash(due ?? "", url, integrationId))).toMatchObject([{ items: [] }, { items: [] }]);
  expect(lines(await bash((resuming ?? "").replace("sleep 5", ""), url, integrationId))).toMatchObject([
    { status: "active" },
    { status: "active", provisioning: { users: { pending: 0 } } },
  ]);
});

test("each deploy that the guide names is one that the stack takes", () => {
  const commands = blocksIn(guide)
    .join("")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.includes("npx cdk deploy"));
  expect(commands).toHaveLength(2);
  for (const command of commands) {
    const context = Object.fromEntries(
      [...command.matchAll(/-c (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    );
    const { tables } = readSettings(new App({ context }).node);
    expect(tables.state).toEqual({ name: context.stateTable });
  }
});
