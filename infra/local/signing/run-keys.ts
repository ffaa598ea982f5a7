import { randomBytes, randomInt } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Access keys of one data folder: what a client signs with, and what the embedded endpoints accept. */
export type RunKeys = { accessKeyId: string; secretAccessKey: string; region: string };

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const region = "us-east-1";

/**
 * Reads the data folder's access keys, or makes them on the first run. They are kept in
 * `<dataDir>/aws-keys.env` (mode 0600) as `NAME=value` lines, so that a shell can take them over with
 * `set -a; . <path>` before it calls the AWS CLI.
 *
 * @returns the keys and the file's path
 * @throws Error when the file exists but is not such a file
 */
export function makeOrReadRunKeys(dataDir: string): RunKeys & { path: string } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "aws-keys.env");
  const kept = readKeys(path);
  if (kept) return { ...kept, path };
  createFile(path, newKeys());
  const made = readKeys(path);
  if (!made) throw new Error(`${path} vanished while it was being made`);
  return { ...made, path };
}

// The prefix is not AWS's own AKIA: nobody, and no secret scanner, shall take these keys for an account's.
function newKeys(): RunKeys {
  return {
    accessKeyId: `LOCL${randomText(16, base32)}`,
    secretAccessKey: randomText(40, base62),
    region,
  };
}

function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

// Written under another name and linked: a run killed half-way leaves no half-written key file, and of two
// runs that start together the second one reads the first one's keys.
function createFile(path: string, keys: RunKeys): void {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  const lines = [
    `AWS_ACCESS_KEY_ID=${keys.accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${keys.secretAccessKey}`,
    `AWS_REGION=${keys.region}`,
    // Version 1 of the AWS CLI does not know AWS_REGION.
    `AWS_DEFAULT_REGION=${keys.region}`,
  ];
  writeFileSync(draft, `${lines.join("\n")}\n`, { flag: "wx", mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readKeys(path: string): RunKeys | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const value = (name: string) => new RegExp(`^${name}=(\\S+)$`, "m").exec(text)?.[1];
  const accessKeyId = value("AWS_ACCESS_KEY_ID");
  const secretAccessKey = value("AWS_SECRET_ACCESS_KEY");
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(`${path} does not hold access keys: delete it, and the next start makes new ones`);
  }
  return { accessKeyId, secretAccessKey, region: value("AWS_REGION") ?? region };
}
