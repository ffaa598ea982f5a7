import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeBackup } from "../../infra/local/backup/make-backup.ts";
import { restoreBackup } from "../../infra/local/backup/restore-backup.ts";
import { startScimmy } from "../providers/scimmy.ts";
import { backUp, givenBackup, restore } from "./backup-steps.ts";
import { dataFolder } from "./steps.ts";

/** One backup for all tests, whose run has ended. */
const root = mkdtempSync(join(tmpdir(), "usher-backup-"));
let given: Awaited<ReturnType<typeof givenBackup>>;
let home = "";
beforeAll(async () => {
  const provider = await startScimmy();
  given = await givenBackup(root, provider);
  await provider.close();
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  home = dataFolder();
});
const drafts = (folder: string) => readdirSync(folder).filter((name) => name.includes(".part-"));
const copyOf = (folder: string, name: string) => {
  const copy = join(home, name);
  mkdirSync(copy);
  for (const one of readdirSync(folder))
    if (statSync(join(folder, one)).isFile()) writeFileSync(join(copy, one), readFileSync(join(folder, one)));
  return copy;
};

test("a backup is its owner's alone, in every file", async () => {
  const { folder } = given;
  expect((statSync(folder).mode & 0o777).toString(8)).toBe("700");
  const names = readdirSync(folder);
  expect(names.sort()).toEqual(
    [
      "auditor-token",
      "aws-keys.env",
      "backup.json",
      "dynamodb.sqlite",
      "ports.json",
      "provisioner-token",
      "secrets.enc",
      "secrets.key",
      "token",
    ].sort(),
  );
  for (const name of names) expect((statSync(join(folder, name)).mode & 0o777).toString(8)).toBe("600");
});

const damages: [string, (folder: string) => void, RegExp][] = [
  [
    "a cut data file",
    (at) => truncateSync(join(at, "dynamodb.sqlite"), 9_000),
    /dynamodb\.sqlite has 9000 bytes/,
  ],
  ["a changed secret file", (at) => appendFileSync(join(at, "secrets.enc"), "x"), /secrets\.enc has/],
  ["a missing key", (at) => rmSync(join(at, "secrets.key")), /secrets\.key is missing/],
  ["no list of contents", (at) => rmSync(join(at, "backup.json")), /no backup, or one that was cut off/],
  ["a cut list of contents", (at) => truncateSync(join(at, "backup.json"), 50), /backup\.json is damaged/],
  ["a list of a later release", (at) => edit(at, (list) => ({ ...list, format: 2 })), /later Usher/],
  [
    "a list without the tables",
    (at) => edit(at, ({ files: { "dynamodb.sqlite": _, ...files }, ...list }) => ({ ...list, files })),
    /backup\.json is damaged/,
  ],
  [
    "a list that names a file elsewhere",
    (at) => edit(at, (list) => ({ ...list, files: { ...list.files, "../token": { bytes: 1, sha256: "" } } })),
    /backup\.json is damaged/,
  ],
  [
    "fewer items than it says",
    (at) => edit(at, (list) => ({ ...list, contents: { ...list.contents, secrets: 9 } })),
    /it holds .* not /,
  ],
];
type List = { files: Record<string, object>; contents: object };
const edit = (folder: string, change: (list: List) => object) => {
  const path = join(folder, "backup.json");
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));
};

for (const [what, damage, message] of damages) {
  test(`a backup with ${what} is refused, and nothing is made`, async () => {
    const copy = copyOf(given.folder, "copy");
    damage(copy);
    await expect(restoreBackup(copy, join(home, "new data"))).rejects.toThrow(message);
    expect([existsSync(join(home, "new data")), drafts(home)]).toEqual([false, []]);
  });
}

test("an item that was damaged before the backup is found when it is read back, and there is no backup", async () => {
  const dataDir = copyOf(given.dataDir, "data");
  const db = new DatabaseSync(join(dataDir, "dynamodb.sqlite"));
  db.exec(`UPDATE "items usher-state" SET item = replace(item, 'ada', 'eve')`);
  db.close();
  await expect(makeBackup(dataDir, join(home, "again"))).rejects.toThrow(
    /data is damaged, as a copy of it shows: .*does not match its checksum/,
  );
  expect([existsSync(join(home, "again")), drafts(home)]).toEqual([false, []]);
});

test("nothing is overwritten, and no backup is made of nothing or within what it saves", async () => {
  const { dataDir, folder } = given;
  const before = readFileSync(join(dataDir, "dynamodb.sqlite"));
  await expect(restoreBackup(folder, dataDir)).rejects.toThrow("is not empty");
  await expect(makeBackup(dataDir, folder)).rejects.toThrow("is not empty");
  expect(readFileSync(join(dataDir, "dynamodb.sqlite"))).toEqual(before);
  await expect(makeBackup(dataDir, join(dataDir, "backup"))).rejects.toThrow("lies in the data folder");
  await expect(makeBackup(join(home, "nowhere"), join(home, "new"))).rejects.toThrow(
    "holds no data of Usher",
  );
  await expect(restoreBackup(join(home, "nowhere"), join(home, "new"))).rejects.toThrow("there is no ");
  await expect(restoreBackup(join(folder, "token"), join(home, "new"))).rejects.toThrow("is no backup");
  expect(existsSync(join(home, "new"))).toBe(false);
  mkdirSync(join(home, "empty"));
  await restoreBackup(folder, join(home, "empty"));
  expect(existsSync(join(home, "empty", "dynamodb.sqlite"))).toBe(true);
});

test("the commands say what went wrong, in one line, and end with 1", async () => {
  const { dataDir, folder } = given;
  const without = await backUp(dataDir, "");
  expect(without.err).toBe("There is no backup: name one folder\nUsage: npm run backup -- FOLDER\n");
  const refused = await backUp(dataDir, folder);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toBe(
    `There is no backup: ${folder} is not empty, and nothing is ever overwritten. Name another folder, or move that one away.\n`,
  );
  expect(await restore(join(home, "nowhere"), dataDir)).toMatchObject({
    code: 1,
    err: `Nothing was restored: there is no ${join(home, "nowhere")}.\n`,
  });
});
