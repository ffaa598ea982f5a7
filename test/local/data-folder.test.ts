import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chooseDataDir, prepareDataDir } from "../../infra/local/data-folder.ts";

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "usher-folder-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};
const chosen = (USHER_DATA_DIR: string) => chooseDataDir({ USHER_DATA_DIR, INIT_CWD: "/here" }, ".usher");

test("a leading tilde is the home folder, also where no shell has read it", () => {
  expect(chosen("~")).toBe(homedir());
  expect(chosen("~/data/usher/")).toBe(join(homedir(), "data/usher"));
  expect(chosen("/data/~usher")).toBe("/data/~usher");
  expect(() => chosen("~ada/usher")).toThrow("USHER_DATA_DIR begins with ~ada, which only a shell knows.");
});

test.skipIf(process.platform === "win32")("a backslash is refused where it parts no folders", () => {
  expect(() => chosen("C:\\usher")).toThrow("USHER_DATA_DIR is C:\\usher: a \\ does not part folders");
});

test("an absolute path is taken as it is, a relative one from where the user is, an empty one as none", () => {
  expect(chosen("/data/usher")).toBe("/data/usher");
  expect(chosen("../usher")).toBe("/usher");
  expect(chosen("")).toBe(resolve(".usher"));
  expect(chooseDataDir({}, ".usher")).toBe(resolve(".usher"));
});

test("a file in the folder's place, or in its path, is named and left alone", () => {
  const file = join(folder(), "usher");
  writeFileSync(file, "mine");
  expect(() => prepareDataDir(file)).toThrow(`the data folder ${file} cannot be used: it is a file.`);
  expect(() => prepareDataDir(join(file, "data"))).toThrow("a part of its path is a file.");
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a folder that may not be written, or not be made, is named",
  () => {
    const closed = folder();
    mkdirSync(join(closed, "data"), { mode: 0o500 });
    chmodSync(closed, 0o500);
    onTestFinished(() => chmodSync(closed, 0o700));
    for (const path of [join(closed, "data"), join(closed, "new")])
      expect(() => prepareDataDir(path)).toThrow(`${path} cannot be used: this user may not write there.`);
  },
);

test.skipIf(process.platform !== "linux")(
  "a place where nothing can be made is named, and missing parents are made elsewhere",
  () => {
    expect(() => prepareDataDir("/proc/nope/usher")).toThrow(
      "the data folder /proc/nope/usher cannot be used:",
    );
    const deep = join(folder(), "a", "b");
    prepareDataDir(deep);
    prepareDataDir(deep);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  },
);
