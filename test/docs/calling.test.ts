import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { startUsher } from "../local/start-process.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const [, usherFunction = ""] = /^(usher\(\) .+)$/m.exec(read("README.md")) ?? [];
const [, roles = ""] = /^## Roles\n([\s\S]*?)^## /m.exec(read("docs/calling.md")) ?? [];
const blocks = [...roles.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);

test("a provisioner's and an auditor's token do what is said of them, by copy and paste", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "usher-calling-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const usher = await startUsher({ cwd });
  onTestFinished(() => usher.end());
  const script = [`export USHER=${usher.urlAt("running at")}`, usherFunction, ...blocks].join("\n");
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script], { cwd });
  expect(stderr).toBe("");
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers).toMatchObject([
    { id: "local-provisioner", role: "provision", authMethod: "token" },
    { userId: "ada", email: "ada@example.com" },
    { status: 403, code: "forbidden" },
    { id: "local-auditor", role: "read", authMethod: "token" },
    { items: [{ event_type: "user_create", initiated_by: { id: "local-provisioner" } }] },
    { status: 403, code: "forbidden" },
  ]);
});
