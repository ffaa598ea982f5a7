import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";

/**
 * The whole path of the data folder: USHER_DATA_DIR, else `fallback` in the working folder. A leading `~` is the home
 * folder, also where no shell has put it in. A relative path starts where the user is, which npm leaves for the
 * project's folder.
 *
 * @throws Error where the setting has a character that this system would take for a part of a name
 */
export const chooseDataDir = (environment: NodeJS.ProcessEnv, fallback: string): string => {
  const given = environment.USHER_DATA_DIR;
  if (!given) return resolve(fallback);
  if (given.includes("\\") && sep !== "\\")
    throw new Error(
      `USHER_DATA_DIR is ${given}: a \\ does not part folders on this system. Write / instead.`,
    );
  const [first = "", ...rest] = given.split(/[/\\]/);
  if (first === "~") return join(homedir(), ...rest);
  if (first.startsWith("~"))
    throw new Error(`USHER_DATA_DIR begins with ${first}, which only a shell knows. Write the whole path.`);
  return resolve(environment.INIT_CWD ?? "", given);
};

/**
 * Makes the folder where it is missing.
 *
 * @throws Error which says what is in the way: a file in its place, or no right to write
 */
export const prepareDataDir = (dataDir: string): void => {
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`the data folder ${dataDir} cannot be used: ${reasonOf(error, dataDir)}`, {
      cause: error,
    });
  }
};

/** With what is missing above it. Node's own `recursive` never ends where a system refuses a folder as /proc does. */
const makeFolder = (path: string): void => {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
};

const reasonOf = (error: unknown, dataDir: string): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EEXIST" && !statSync(dataDir).isDirectory())
    return "it is a file. Move the file away, or set USHER_DATA_DIR to another folder.";
  if (code === "ENOTDIR") return "a part of its path is a file. Set USHER_DATA_DIR to another folder.";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return "this user may not write there. Change its rights, or set USHER_DATA_DIR to another folder.";
  if (code === "ENOENT") return "no folder can be made there. Set USHER_DATA_DIR to another folder.";
  return message;
};
