import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { conflictReasonSchema, sourceInputSchema } from "../../shared/model/source.ts";
import { pageSizes } from "../../shared/scim-server/messages/page-sizes.ts";
import { maxBody } from "../../shared/scim-server/messages/read-body.ts";
import { startUsher } from "../local/start-process.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/identity-providers.md");
const readme = read("README.md");
const functions = [...readme.matchAll(/^(?:usher|provider)\(\) .+$/gm)].map(([line]) => line);
const blocksOf = (text: string) =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);

test("the page has each kind of source, each reason of a conflict, and the limits as they are", () => {
  for (const kind of sourceInputSchema.shape.kind.options) expect(page).toContain(`\`${kind}\``);
  for (const reason of conflictReasonSchema.options) expect(page).toContain(`\`${reason}\``);
  expect(page).toContain(`| a body | ${maxBody / 1024 / 1024} MiB`);
  expect(page).toContain(`| a page | ${pageSizes.default}, at most ${pageSizes.max.toLocaleString("en")}`);
});

test("an identity provider is connected, played, looked at and given another token, by copy and paste", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "usher-idp-"));
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
  const activation = blocksOf(readme).find((block) => block.includes('"name": "Sandbox"')) ?? "";
  const blocks = blocksOf(page).filter((block) => !block.includes("npm start"));
  // As long as it takes, however busy the machine is.
  const settled = 'until usher GET "/events?userId=$KIM" | grep -q user_deprovision; do sleep 0.2; done\n';
  const pasted = [activation, ...blocks].join("echo ---\n").replace("sleep 2\n", settled);
  const script = [...functions, pasted].join("\n");
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script], { cwd, env });
  expect(stderr).toBe("");
  const [, made, opened, closed, config, mapping, passed, given, seen, rotated] = stdout
    .split("---\n")
    .map((part) =>
      part
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (line.startsWith("{") ? JSON.parse(line) : line)),
    );

  expect(made).toEqual([`${env.USHER}/scim/v2`]);
  expect(opened).toMatchObject([
    { totalResults: 0 },
    { action: "created", members: { added: 1 } },
    { totalResults: 1, Resources: [{ userName: "kim.sato@example.com", active: true }] },
  ]);
  const [patched, account, { items: [last, before] = [] } = {}] = closed ?? [];
  expect(patched).toMatchObject({ userName: "kim.sato@example.com", active: false });
  expect(account).toMatchObject({ Resources: [{ active: false }] });
  expect([before, last]).toMatchObject([
    { event_type: "user_update", initiated_by: { type: "source" } },
    { event_type: "user_deprovision", requested_by: { type: "source", id: before.initiated_by.id } },
  ]);
  expect(last.correlation.id).toBe(before.correlation.id);
  expect(config).toMatchObject([{ patch: { supported: true } }]);
  expect(mapping?.[0].rows.length).toBeGreaterThan(15);
  expect(passed).toMatchObject([{ userId: "noor" }, { id: "noor", title: "Lead" }]);
  expect(given).toMatchObject([
    { groupId: "support" },
    { state: "done", groups: 1 },
    { totalResults: 1, Resources: [{ id: "support", displayName: "Support" }] },
  ]);
  expect(seen).toMatchObject([
    { counts: { users: 2, groups: 2 }, lastRequest: { status: expect.any(Number) } },
    { items: [] },
    { items: [{}, {}, {}] },
  ]);
  const [counted, source] = rotated ?? [];
  expect(counted).toMatchObject({ totalResults: 2, Resources: [] });
  expect(source.tokens).toMatchObject([{ lastUsedAt: expect.any(String) }]);
  expect(source.tokens[0].tokenId).not.toBe(seen?.[0].tokens[0].tokenId);
}, 60_000);
