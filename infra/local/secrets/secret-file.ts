import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";

// File: 12 bytes nonce, 16 bytes authentication tag, ciphertext. A fresh random nonce for each write is good
// for 2^32 writes under one key (NIST SP 800-38D, 8.3).
const nonceBytes = 12;
const tagBytes = 16;
const purpose = Buffer.from("usher secrets 1");

/** The one encrypted file of all secrets. `write` calls must not overlap. */
type SecretFile = { read: () => unknown; write: (state: unknown) => Promise<void> };

/**
 * Opens `<dataDir>/secrets.enc` (AES-256-GCM over JSON) with the key of `<dataDir>/secrets.key`, which is made
 * on the first run; both have mode 0600. `read` gives undefined while nothing has been written. `write` is
 * durable when it resolves: the new file is complete and synced before it takes the old one's name.
 *
 * @throws Error when there are secrets without their key, or the key is not theirs
 */
export function openSecretFile(dataDir: string): SecretFile {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "secrets.enc");
  const keyPath = join(dataDir, "secrets.key");
  let key = existsSync(keyPath) ? readKey(keyPath) : undefined;
  if (!key && existsSync(path)) throw new Error(`${path} cannot be read: its key ${keyPath} is missing`);
  return {
    read() {
      if (!key || !existsSync(path)) return undefined;
      return JSON.parse(decrypt(readFileSync(path), key, path, keyPath));
    },
    async write(state) {
      if (!key) {
        key = randomBytes(32);
        await replaceFile(keyPath, Buffer.from(`${key.toString("base64")}\n`), dataDir);
      }
      await replaceFile(path, encrypt(JSON.stringify(state), key), dataDir);
    },
  };
}

function readKey(keyPath: string): Buffer {
  chmodSync(keyPath, 0o600);
  const key = Buffer.from(readFileSync(keyPath, "utf8").trim(), "base64");
  if (key.length !== 32) throw new Error(`${keyPath} does not hold a 256-bit key`);
  return key;
}

function encrypt(text: string, key: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes }).setAAD(purpose);
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

function decrypt(file: Buffer, key: Buffer, path: string, keyPath: string): string {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, file.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
      .setAAD(purpose)
      .setAuthTag(file.subarray(nonceBytes, nonceBytes + tagBytes));
    const text = decipher.update(file.subarray(nonceBytes + tagBytes));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch (error) {
    throw new Error(`${path} cannot be decrypted with ${keyPath}: one of them was changed`, { cause: error });
  }
}

async function replaceFile(path: string, content: Buffer, folder: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(folder);
}

// Without it a power cut may undo the rename. Windows has no such call and refuses to open a folder.
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
