import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The token that callers of the local run send; `path` where it is kept in a file. */
type LocalToken = { token: string; path?: string };

/**
 * The token that was given, else that of `<dataDir>/token` (mode 0600), which is made on the first run.
 *
 * @throws Error where it cannot be sent in a header
 */
export const readOrMakeToken = (dataDir: string, given?: string): LocalToken => {
  if (given) return { token: checked(given, "USHER_TOKEN") };
  const path = join(dataDir, "token");
  const kept = readKept(path);
  if (kept !== undefined) return { token: checked(kept, path), path };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
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
  return { token: checked(readKept(path) ?? "", path), path };
};

/** Whether an Authorization header carries the token, compared in constant time. */
export const tokenChecker = (token: string): ((authorization: string | undefined) => boolean) => {
  const wanted = digest(token);
  return (authorization) => {
    const given = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
    return given !== undefined && timingSafeEqual(digest(given), wanted);
  };
};

/** Of equal length whatever was sent, as the constant-time comparison needs. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const checked = (token: string, place: string): string => {
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
