import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** What of a data folder makes the run what it is. The accounts of the sandbox are a service provider's, and stay there. */
export const needed = ["dynamodb.sqlite", "secrets.enc", "secrets.key", "aws-keys.env"] as const;
/** The admin's token is not there where USHER_TOKEN gives it. */
export const optional = ["token", "provisioner-token", "auditor-token", "ports.json"] as const;

const name = z.enum([...needed, ...optional]);
const manifestSchema = z.object({
  format: z.literal(1),
  /** RFC 3339: all that was answered before is in it. */
  madeAt: z.iso.datetime(),
  contents: z.object({ tables: z.record(z.string(), z.number()), secrets: z.number() }),
  files: z.partialRecord(name, z.object({ bytes: z.number(), sha256: z.string() })),
});
/** What `backup.json` tells of the files beside it. It is written last. */
export type Manifest = z.infer<typeof manifestSchema>;
/** Items by table, and how many secrets there are. */
export type Contents = Manifest["contents"];

const pathIn = (folder: string): string => join(folder, "backup.json");

export const writeManifest = (folder: string, manifest: Manifest): void =>
  writeFileSync(pathIn(folder), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });

/** @throws Error where the folder is no whole backup */
export const readManifest = (folder: string): Manifest => {
  if (!existsSync(folder)) throw new Error(`there is no ${folder}`);
  if (!statSync(folder).isDirectory() || !existsSync(pathIn(folder)))
    throw new Error(`${folder} is no backup, or one that was cut off: it has no backup.json`);
  const parsed = manifestSchema.safeParse(parseJson(readFileSync(pathIn(folder), "utf8")));
  const missing = needed.filter((one) => parsed.data?.files[one] === undefined);
  if (parsed.success && missing.length === 0) return parsed.data;
  throw new Error(`${pathIn(folder)} is damaged, or of a later Usher that this one does not know`);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const hashOf = async (path: string): Promise<{ bytes: number; sha256: string }> => {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
};
