import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { startUsher } from "../local/start-process.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const blocksOf = (heading: string): string[] => {
  const [, section = ""] = new RegExp(`^## ${heading}\n([\\s\\S]*?)^## `, "m").exec(readme) ?? [];
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
};
const lines = (text = "") => text.trim().split("\n");
const objects = (text = "") => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);

test("the first ten minutes do what the README says, by copy and paste", async () => {
  const [start, ...blocks] = blocksOf("The first ten minutes");
  expect(start).toBe("npm ci\nnpm start -- --sandbox\n");
  const cwd = mkdtempSync(join(tmpdir(), "usher-readme-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const usher = await startUsher({ words: ["--sandbox"], cwd });
  onTestFinished(() => usher.end());

  // The addresses are the only thing that is not as it is written.
  const script = blocks
    .join("echo ---\n")
    .replaceAll("http://127.0.0.1:8787", usher.urlAt("running at"))
    .replaceAll("http://127.0.0.1:8790/scim/v2", usher.urlAt("try it with is running at"));
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script], { cwd });
  expect(stderr).toBe("");
  const [, activated, provisioned, left, seen] = stdout.split("---\n");

  expect(objects(activated)).toMatchObject([{ status: "active", application: { name: "Sandbox" } }]);
  expect(objects(provisioned)).toMatchObject([
    { action: "created", active: true },
    { action: "adopted", active: true },
    { action: "created", members: { added: 2 } },
  ]);
  expect(objects(left)).toMatchObject([
    { userId: "noor", jobTitle: "Platform lead", suspended: true },
    { receipts: [{ action: "deleted", state: "deleted" }] },
    { integrations: [{ status: "active", provisioning: { users: { pending: 0 } } }], attention: [] },
  ]);
  const [events, noor, ada, groups] = objects(seen) as Record<string, Record<string, unknown>[]>[];
  const types = events?.items?.map(({ event_type }) => event_type).reverse() ?? [];
  expect(types.slice(0, 4)).toEqual([
    "idm_integration_activate",
    "user_create_provision",
    "user_update_provision",
    "group_create_provision",
  ]);
  // The one goes by itself, beside the call for the other.
  expect(types.slice(4).toSorted()).toEqual(["user_delete_provision", "user_deprovision"]);
  expect(noor?.Resources).toMatchObject([{ active: false, title: "Platform lead" }]);
  expect(ada).toMatchObject({ totalResults: 0 });
  expect(groups?.Resources?.map(({ displayName }) => displayName)).toEqual([
    "Engineering",
    "Support",
    "Finance",
    "Platform",
  ]);
});

test("what is said of a start is what it prints", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "usher-readme-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const usher = await startUsher({ cwd });
  onTestFinished(() => usher.end());
  const [, shown] = /```\n(Usher is running[\s\S]*?)```/.exec(readme) ?? [];
  const withoutPorts = (text = "") => lines(text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"));
  expect(withoutPorts(usher.out().replaceAll(`${cwd}/`, "…/"))).toEqual(withoutPorts(shown));
});

test("no command of a document carries a comment, which zsh would take for words of the command", () => {
  const docs = ["deploy", "strongdm", "service-providers", "audit-queries", "import", "plan-and-verify"].map(
    (name) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8"),
  );
  const commands = [readme, ...docs].flatMap((text) =>
    [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, code]) => lines(code)),
  );
  expect(commands.length).toBeGreaterThan(50);
  expect(commands.filter((line) => /(^|\s)# /.test(line))).toEqual([]);
});

test("strongDM's block activates as the sandbox's does, with a token of its own", () => {
  const [, prompt, activation = ""] = blocksOf("With strongDM");
  const [, , ofSandbox = ""] = blocksOf("The first ten minutes");
  expect(prompt).toBe("read -rs STRONGDM_TOKEN\n");
  const command = activation.slice(activation.indexOf("ANSWER"));
  const changed = command
    .replace('{"name": "strongDM"}, "profile": "strongdm"', `{"name": "Sandbox"}, "baseUrl": "'"$PROVIDER"'"`)
    .replace("$STRONGDM_TOKEN", "$PROVIDER_TOKEN");
  expect(changed).toBe(ofSandbox);
  // The walkthrough keeps the id of the integration in the same way.
  const walkthrough = readFileSync(new URL("../../docs/strongdm.md", import.meta.url), "utf8");
  expect(walkthrough).toContain(lines(activation).slice(-2).join("\n"));
});
