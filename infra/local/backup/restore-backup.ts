import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { hashOf, type Manifest, readManifest } from "./backup-files.ts";
import { checkData } from "./check-data.ts";
import { writeRestoredMark } from "./restored-mark.ts";
import { makeWholeFolder } from "./whole-folder.ts";

/**
 * Makes a data folder from a backup, after reading all of it. The mark that it bears has the first start pause every
 * integration, before anything that was due then can be sent.
 *
 * @throws Error where the backup is damaged or not whole, or the data folder holds anything; nothing is made then
 */
export const restoreBackup = async (folder: string, dataDir: string): Promise<Manifest> => {
  const manifest = readManifest(folder);
  await makeWholeFolder(dataDir, async (draft) => {
    for (const [name, wanted] of Object.entries(manifest.files)) {
      const source = join(folder, name);
      if (!existsSync(source)) throw new Error(`${folder} is damaged: ${name} is missing`);
      copyFileSync(source, join(draft, name));
      chmodSync(join(draft, name), 0o600);
      const found = await hashOf(join(draft, name));
      if (!isDeepStrictEqual(found, wanted))
        throw new Error(
          `${folder} is damaged: ${name} has ${found.bytes} bytes and another content than the ${wanted.bytes} that were written`,
        );
    }
    const found = checkData(draft, folder);
    if (!isDeepStrictEqual(found, manifest.contents))
      throw new Error(
        `${folder} is damaged: it holds ${JSON.stringify(found)}, not ${JSON.stringify(manifest.contents)}`,
      );
    writeRestoredMark(draft, { madeAt: manifest.madeAt });
  });
  return manifest;
};
