import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The token that is kept in the file (mode 0600), which is made where it is not there.
 *
 * @throws Error where it cannot be sent in a header
 */
export const readOrMakeToken = (path: string): string => {
  const kept = readKept(path);
  if (kept !== undefined) return checkToken(kept, path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Written under another name and linked: of two runs that start together, the second one reads the first one's.
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return checkToken(readKept(path) ?? "", path);
};

/** The token, if it can be sent in a header. Throws Error, which names its place, where it cannot. */
export const checkToken = (token: string, place: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(`${place} must hold visible ASCII characters without spaces`);
};

const readKept = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};
