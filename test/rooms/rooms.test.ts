import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { afterAll, beforeAll, expect, it } from "vitest";
import config, { packages, rooms } from "../../rooms.config.ts";

const { forbidden, options } = config;
const root = new URL("../../", import.meta.url).pathname;
const sources = ["functions", "infra", "shared"];
const names = Object.keys(rooms);

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "usher-rooms-"));
  for (const folder of [...sources, "docs"])
    await cp(join(root, folder), join(copy, folder), { recursive: true });
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** Which imports of the copy are refused, as `room -> target`. */
const refused = async (folders: string[]): Promise<Set<string>> => {
  const { output } = await cruise(folders, {
    ...options,
    baseDir: copy,
    validate: true,
    ruleSet: { forbidden: forbidden.filter(({ name }) => !name?.startsWith("no-circle")) },
  });
  const { violations } = (output as ICruiseResult).summary;
  return new Set(violations.map(({ from, to }) => `${from} -> ${to}`));
};

const write = async (file: string, imports: string[]) => {
  await mkdir(dirname(join(copy, file)), { recursive: true });
  await writeFile(
    join(copy, file),
    [...imports.map((name) => `import "${name}";`), "export {};", ""].join("\n"),
  );
};

it("finds nothing to refuse in the project as it is", async () => {
  expect([...(await refused(sources))]).toEqual([]);
});

it("refuses in each room the import of every room that is not listed for it", async () => {
  const wanted: string[] = [];
  for (const room of names) await write(`${room}/target.ts`, []);
  for (const room of names) {
    const others = names.filter((name) => name !== room && !rooms[room]?.includes(name));
    await write(
      `${room}/probe.ts`,
      others.map((name) => `./${relative(room, name)}/target.ts`.replace("./..", "..")),
    );
    wanted.push(...others.map((name) => `${room}/probe.ts -> ${name}/target.ts`));
  }
  const found = await refused(sources);
  expect(wanted.length).toBeGreaterThan(500);
  expect(wanted.filter((edge) => !found.has(edge))).toEqual([]);
});

it("refuses in each room the packages that belong to others", async () => {
  const wanted: string[] = [];
  for (const room of names) {
    const foreign = Object.entries(packages).filter(
      ([, owners]) => !owners.some((owner) => room === owner || room.startsWith(`${owner}/`)),
    );
    await write(
      `${room}/probe.ts`,
      foreign.map(([name]) => name),
    );
    wanted.push(...foreign.map(([name]) => `${room}/probe.ts -> ${name}`));
  }
  const found = await refused(sources);
  expect(wanted.filter((edge) => !found.has(edge))).toEqual([]);
});

it("refuses an import in a folder that is no room", async () => {
  await write("shared/attic/probe.ts", ["../model/target.ts"]);
  expect(await refused(["shared"])).toContain("shared/attic/probe.ts -> shared/model/target.ts");
});

it("allows no circle: each room imports from rooms that stand before it, once the rooms are sorted", () => {
  const left = new Map(names.map((name) => [name, new Set<string>(rooms[name])]));
  for (;;) {
    const free = [...left].filter(([, others]) => [...others].every((name) => !left.has(name)));
    if (free.length === 0) break;
    for (const [name] of free) left.delete(name);
  }
  expect([...left.keys()]).toEqual([]);
});
