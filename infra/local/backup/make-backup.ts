import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { dataFilePath } from "../data-file/draft.ts";
import { hashOf, type Manifest, needed, optional, writeManifest } from "./backup-files.ts";
import { checkData } from "./check-data.ts";
import { copyDataFile } from "./copy-data-file.ts";
import { makeWholeFolder } from "./whole-folder.ts";

/**
 * Copies a data folder into a new folder, whether a run is at work on it or not, and reads the copy back: every item, every
 * secret. It holds the secrets and what opens them, so it is its owner's alone (0700, files 0600). Not to be called by the
 * process that works on the data folder.
 *
 * @throws Error which says why there is no backup; nothing is left of it then
 */
export const makeBackup = async (dataDir: string, folder: string): Promise<Manifest> => {
  if (!existsSync(dataFilePath(dataDir)))
    throw new Error(`${dataDir} holds no data of Usher. USHER_DATA_DIR names the data folder`);
  if (!relative(resolve(dataDir), resolve(folder)).startsWith(".."))
    throw new Error(`${folder} lies in the data folder, and would be lost with it. Name another folder`);
  const manifest: Manifest = {
    format: 1,
    madeAt: new Date().toISOString(),
    contents: { tables: {}, secrets: 0 },
    files: {},
  };
  await makeWholeFolder(folder, async (draft) => {
    await copyDataFile(dataDir, draft);
    // Later than the tables: each secret that they tell of is there.
    const others = [...needed.slice(1), ...optional.filter((name) => existsSync(join(dataDir, name)))];
    for (const name of others) copyFileSync(join(dataDir, name), join(draft, name));
    manifest.contents = checkData(draft, dataDir);
    for (const name of [needed[0], ...others]) {
      chmodSync(join(draft, name), 0o600);
      manifest.files[name] = await hashOf(join(draft, name));
    }
    writeManifest(draft, manifest);
  });
  return manifest;
};
