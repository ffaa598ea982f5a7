import { makeBackup } from "./backup/make-backup.ts";
import { describeContents, fail, readFolder } from "./copy-arguments.ts";
import { chooseDataDir } from "./data-folder.ts";

const usage = `Usage: npm run backup -- FOLDER

  Copies the data folder (USHER_DATA_DIR, else .usher) into FOLDER, which must be new or empty, and reads the copy back.
  Usher may run meanwhile. The copy holds the secrets of the integrations and the tokens of the API: keep it as you keep those.`;

/** `npm run backup -- FOLDER` */
const main = async (): Promise<void> => {
  const folder = readFolder(process.argv.slice(2), usage, process.env);
  if (folder === undefined) return console.log(usage);
  const dataDir = chooseDataDir(process.env, ".usher");
  const { contents, madeAt } = await makeBackup(dataDir, folder);
  console.log(`${dataDir} as of ${madeAt} is in ${folder}: ${describeContents(contents)}, each read back.
It holds the secrets and what opens them: its files are yours alone (0600), so keep them that way.`);
};

main().catch((error: unknown) => fail("There is no backup", error));
