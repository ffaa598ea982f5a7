import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderHolds, watchSecrets } from "../../infra/demo/secret-watch.ts";

const runFile = new URL("../../infra/demo/run.ts", import.meta.url);

/** What someone else does at the provider, behind Usher's back, before the demo compares. */
const tampering = `
import { main } from ${JSON.stringify(runFile.href)};
await main({ beforeComparison: async (provider) => {
  const scim = (method, path, body) => fetch(provider.baseUrl + path, {
    method,
    headers: { authorization: "Bearer " + provider.token(), "content-type": "application/scim+json" },
    body: JSON.stringify(body),
  });
  const patch = (path, operation) => scim("PATCH", path, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [operation],
  });
  const yuki = provider.users().find(({ userName }) => userName === "yuki.tanaka@example.com").id;
  const engineering = provider.groups().find(({ displayName }) => displayName === "Engineering").id;
  await patch("/Users/" + yuki, { op: "replace", path: "title", value: "Intruder" });
  await patch("/Groups/" + engineering, { op: "remove", path: 'members[value eq "' + yuki + '"]' });
  await scim("POST", "/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "stranger@example.com",
  });
  console.log("A careless line of log: " + provider.token());
} });
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "usher-demo-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node as a user would; its temporary files are in `folder`. */
const run = (...parameters: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
    const child = execFile(process.execPath, parameters, { env, timeout: 100_000 }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

describe("the demo", () => {
  it("does the main job, and ends well where provider, directory and audit agree", async () => {
    const { code, out, err } = await run(fileURLToPath(runFile));

    expect(err).toBe("");
    expect(out).toMatch(/^ 1 {2}Activate with a wrong token: refused.* \d+ ms$/m);
    expect(out).toMatch(/^40 {2}Delete the integration: everything stays at the provider.* 0 SCIM requests/m);
    expect(out.match(/The provider shows what the directory says\./g)).toHaveLength(10);
    expect(out).toMatch(/^ {6}all there \d+ ms after the last answer$/m);
    expect(out).toMatch(/^ {6}[3-9]\d* requests were answered 503; all there \d+ ms after it was back$/m);
    expect(out).toMatch(/^ {6}saved last of 45, and shut out as number \d+; all there \d+ ms later$/m);
    expect(out).toMatch(/^ {6}25 are held until somebody decides; 47 of 47 are in the group$/m);
    expect(out).toMatch(/^ {6}44 of 44 applied, 44 accounts changed$/m);
    expect(out).toMatch(/^ {6}5 users of the directory; in the group at the provider \d+ ms later$/m);
    expect(out).toMatch(/^ {6}5 findings repaired; nothing is found any more$/m);
    expect(out).toMatch(
      /^ {2}inactive {2}6 {2}petr\.stastny, bao\.tran, carmen\.ibanez, meilin\.ho, rosa\.quispe, imani\.wanjiru$/m,
    );
    expect(out).toMatch(
      /^ {2}absent {4}2 {2}leilani\.kealoha, gabriels\.berzins \(never active, or gone\)$/m,
    );
    expect(out).toMatch(/^ {2}Engineering {11} +18 +18 {2}same members$/m);
    expect(out).toMatch(/^ {6}8 requests of Okta; all there \d+ ms later$/m);
    expect(out).toMatch(/^ {6}answered as done; one waits; all there \d+ ms later$/m);
    expect(out).toMatch(/correlation \S+: user_update, then user_deprovision, \d+ ms after/);
    expect(out).toMatch(/^ {2}Entra analytics +2 +2 {2}same members$/m);
    expect(out).toMatch(/^ {2}user_create_provision +55 +1$/m);
    expect(out).toMatch(/answered 400 Bad Request[^.]*\. It said: userType: this tenant takes no interns/);
    const [, told, own, events] =
      /^ {2}(\d+) attempts that the answers told of and (\d+) .* by itself, (\d+) events$/m.exec(out) ?? [];
    expect(Number(own)).toBeGreaterThan(45);
    expect(Number(told) + Number(own)).toBe(Number(events));
    expect(out).toMatch(/The provider, the directory and the audit agree, and no token was found/);
    expect(out).not.toContain("\u001b");
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  }, 110_000);

  it("fails and names each difference where the provider's state was changed by somebody else", async () => {
    const { code, out, err } = await run("--input-type=module", "--eval", tampering);

    expect(code).toBe(1);
    expect(err).toContain(
      '- yuki.tanaka@example.com: title is "Intruder" at the provider, the directory says "Principal engineer"',
    );
    expect(err).toContain("- group Engineering lacks yuki.tanaka@example.com");
    expect(err).toContain("- stranger@example.com is at the provider and must not be");
    expect(err).toMatch(/- users created: 56 at the provider, 55 in the audit/);
    expect(err).toContain("- the rotated token is in the output");
    expect(err.match(/^ {2}- /gm)).toHaveLength(6);
    expect(out).toMatch(/^ {2}Engineering {11} +18 +17 {2}DIFFERENT$/m);
    expect(out).not.toContain("agree");
    expect(readdirSync(folder)).toEqual([]);
  }, 110_000);
});

describe("the search for secrets", () => {
  it("finds one in a file, as it is and as base64, and nothing where there is none", () => {
    const watch = watchSecrets({ mine: "s3cret-token", other: "never-written" });
    writeFileSync(join(folder, "plain"), "before s3cret-token after");
    writeFileSync(join(folder, "encoded"), Buffer.from("s3cret-token").toString("base64"));
    writeFileSync(join(folder, "clean"), "nothing to see");

    expect(watch.lookIn(folder)).toBe(3);
    expect(watch.found.toSorted()).toEqual([
      "mine is in file encoded of the data folder",
      "mine is in file plain of the data folder",
    ]);
    expect(folderHolds(folder, "nothing to see")).toBe(true);
    expect(folderHolds(folder, "never-written")).toBe(false);
  });
});
