import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import sample from "../../infra/sandbox/accounts.json" with { type: "json" };
import { startSandbox } from "../../infra/sandbox/sandbox.ts";

type Resource = { id: string; userName: string; displayName: string; members: { value: string }[] };

const dataFolder = () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-sandbox-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
};
const start = async (dataDir: string) => {
  const sandbox = await startSandbox({ dataDir, port: 0 });
  const token = readFileSync(sandbox.tokenPath, "utf8").trim();
  const send = (method: string, path: string, body?: object) =>
    fetch(sandbox.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const list = async (path: string) => {
    const answer = await send("GET", `${path}?count=100`);
    return ((await answer.json()) as { Resources: Resource[] }).Resources;
  };
  return { ...sandbox, token, send, list };
};

test("it begins with the 20 accounts and 3 groups of its data file, all of example.com", async () => {
  const sandbox = await start(dataFolder());
  onTestFinished(sandbox.close);
  const users = await sandbox.list("/Users");
  expect(users.map(({ userName }) => userName)).toEqual(sample.users.map(({ userName }) => userName));
  expect(users).toHaveLength(20);
  expect(users.filter(({ userName }) => !userName.endsWith("@example.com"))).toEqual([]);
  const groups = await sandbox.list("/Groups");
  expect(groups.map(({ displayName, members }) => [displayName, members.length])).toEqual([
    ["Engineering", 7],
    ["Support", 3],
    ["Finance", 3],
  ]);
});

test("what was changed, added and deleted is as it was left after a restart, memberships included", async () => {
  const dataDir = dataFolder();
  const first = await start(dataDir);
  const [noor, tomasz] = await first.list("/Users");
  const [engineering] = await first.list("/Groups");
  await first.send("DELETE", `/Users/${noor?.id}`);
  await first.send("PATCH", `/Users/${tomasz?.id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path: "active", value: false }],
  });
  await first.send("POST", "/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "new@example.com",
  });
  const left = [await first.list("/Users"), await first.list("/Groups")];
  await first.close();

  const second = await start(dataDir);
  onTestFinished(second.close);
  expect([await second.list("/Users"), await second.list("/Groups")]).toEqual(
    JSON.parse(JSON.stringify(left).replaceAll(first.baseUrl, second.baseUrl)),
  );
  expect(left[0]).toHaveLength(20);
  expect((await second.list("/Groups"))[0]?.members).toHaveLength((engineering?.members.length ?? 0) - 1);
  expect(second.token).toBe(first.token);
  expect(statSync(second.tokenPath).mode & 0o777).toBe(0o600);
});

test("nobody gets in without its token", async () => {
  const { baseUrl, close } = await start(dataFolder());
  onTestFinished(close);
  expect((await fetch(`${baseUrl}/Users`)).status).toBe(401);
});
