import { restoreBackup } from "./backup/restore-backup.ts";
import { describeContents, fail, readFolder } from "./copy-arguments.ts";
import { chooseDataDir } from "./data-folder.ts";

const usage = `Usage: npm run restore -- FOLDER

  Makes the data folder (USHER_DATA_DIR, else .usher), which must be new or empty, from the backup in FOLDER. The next start
  pauses every integration, so that nothing is sent before you have looked: docs/restore.md.`;

/** `npm run restore -- FOLDER` */
const main = async (): Promise<void> => {
  const folder = readFolder(process.argv.slice(2), usage, process.env);
  if (folder === undefined) return console.log(usage);
  const dataDir = chooseDataDir(process.env, ".usher");
  const { contents, madeAt } = await restoreBackup(folder, dataDir);
  console.log(`${dataDir} is as it was at ${madeAt}: ${describeContents(contents)}, each read.
The next start pauses every integration. Nothing is sent until you resume them; docs/restore.md says what to do first.`);
};

main().catch((error: unknown) => fail("Nothing was restored", error));
