import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { accountStatusSchema, importJobSchema, importRowSchema } from "../../shared/model/import.ts";
import { findings, syncActions, syncItemStates, syncStatusSchema } from "../../shared/model/sync.ts";
import { startUsher } from "../local/start-process.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const plan = read("docs/plan-and-verify.md");
const imports = read("docs/import.md");
const functions = [...read("README.md").matchAll(/^(?:usher|provider)\(\) .+$/gm)].map(([line]) => line);
const blocksOf = (text: string) =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
/** The names that the rows of tables begin with, in their order. */
const rowsOf = (text: string) =>
  [...text.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`([a-z-]+)`/g)].map(([, name = ""]) => name),
  );
const sectionOf = (text: string, heading: string) =>
  text.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";

test("the page of plans has each state of an item, each finding, each action and each state of a job", () => {
  expect(rowsOf(sectionOf(plan, "Plan and apply"))).toEqual([...syncItemStates]);
  expect(rowsOf(sectionOf(plan, "Verify and repair"))).toEqual([...findings]);
  for (const word of [...syncActions, ...syncStatusSchema.options])
    expect(sectionOf(plan, "Plan and apply")).toContain(`\`${word}\``);
});

test("the page of imports has each status of an account, each result and each state of a job", () => {
  expect(rowsOf(sectionOf(imports, "Whose is it?"))).toEqual([...accountStatusSchema.options]);
  for (const word of [...importRowSchema.shape.result.options, ...importJobSchema.shape.status.options])
    expect(imports).toContain(`\`${word}\``);
});

test("a tenant is taken over, looked at and repaired as the two pages say, by copy and paste", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "usher-plan-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const usher = await startUsher({ words: ["--sandbox"], cwd });
  onTestFinished(() => usher.end());
  const token = (name: string) => readFileSync(join(cwd, ".usher-sandbox", name), "utf8").trim();
  const env = {
    ...process.env,
    USHER: usher.urlAt("running at"),
    TOKEN: token("token"),
    PROVIDER: usher.urlAt("try it with is running at"),
    PROVIDER_TOKEN: token("provider/token"),
  };
  const blocks = [...blocksOf(imports), ...blocksOf(plan)];
  // As long as it takes, however busy the machine is.
  const settled = 'until usher GET "/integrations/$ID/groups/staff" | grep -q in_sync; do sleep 0.2; done\n';
  const script = [...functions, blocks.join("echo ---\n").replace("sleep 5\n", settled)].join("\n");
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script], { cwd, env });
  expect(stderr).toBe("");
  const [, , scan, look, imported, planned, resumed, kept, dry, whatIf, applied, found, repaired, policy] =
    stdout.split("---\n").map((part) =>
      part === ""
        ? []
        : part
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line)),
    );

  expect(scan).toMatchObject([{ status: "done", counts: { new: 20 } }]);
  expect(look).toMatchObject([
    { total: 20, items: { length: 5 } },
    { total: 1, items: [{ status: "new" }] },
  ]);
  expect(imported?.slice(1)).toMatchObject([
    { status: "done", counts: { created: 19, skipped: 1 } },
    { items: { length: 20 } },
    { state: "unmanaged" },
  ]);
  expect(planned).toMatchObject([
    { state: "pending" },
    { status: "ready", counts: { updated: 19, created: 1, added: 19, removals: 0 } },
    { items: [{ action: "updated", changes: [{ path: "externalId" }] }, {}, {}] },
  ]);
  expect(resumed).toMatchObject([
    { status: "active" },
    { state: "in_sync" },
    { totalResults: 1, Resources: [{ externalId: "noor.haddad@example.com" }] },
    { items: [{}, {}] },
  ]);
  expect(kept?.slice(1)).toMatchObject([{ action: "adopted" }, { items: { length: 3 } }]);
  expect(dry).toMatchObject([{ dryRun: true, requestsTotal: 1, requests: [{ method: "PATCH" }] }]);
  expect(whatIf).toMatchObject([{ status: "ready", counts: { updated: 19, removals: 0 } }]);
  expect(applied).toMatchObject([
    {},
    { status: "ready", counts: { updated: 19, removals: 0 } },
    { items: [{ state: "planned" }, { state: "planned" }] },
    { status: "running" },
    { status: "applied", counts: { updated: 19, applied: 19 } },
    { items: [{ state: "applied", eventId: expect.any(String) }] },
  ]);
  expect(found).toMatchObject([
    { status: "ready", counts: { changed: 1, unknown: 3 } },
    { items: [{ path: "title", seen: "Changed by hand" }] },
    { items: [{ kind: "unconfirmed", userId: "noor.haddad@example.com" }] },
  ]);
  expect(repaired).toMatchObject([
    { findings: [{ state: "repaired" }], state: "in_sync" },
    { status: "applied", counts: { unknown: 3 } },
    { items: [] },
    { items: [{ event_type: "user_update_provision" }] },
  ]);
  expect(policy).toMatchObject([{ policies: { verifyEvery: "12h" } }]);
}, 60_000);
