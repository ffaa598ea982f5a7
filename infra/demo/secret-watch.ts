import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Looks for secrets where none may be. */
export type SecretWatch = {
  /** Another secret to look for from now on. */
  add(name: string, secret: string): void;
  lookAt(place: string, text: string | Buffer): void;
  /** Every file under the folder; the number of files. */
  lookIn(folder: string): number;
  /** Where a secret was found, by the secret's name. */
  found: string[];
};

/** Watches for each secret as it is, and as base64. */
export const watchSecrets = (secrets: Record<string, string>): SecretWatch => {
  const found: string[] = [];
  const watched = new Map(Object.entries(secrets));
  const lookAt = (place: string, text: string | Buffer): void => {
    for (const [name, secret] of watched) {
      const isThere = text.includes(secret) || text.includes(Buffer.from(secret).toString("base64"));
      if (isThere) found.push(`${name} is in ${place}`);
    }
  };
  return {
    found,
    add: (name, secret) => {
      watched.set(name, secret);
    },
    lookAt,
    lookIn: (folder) => {
      const files = filesOf(folder);
      for (const file of files)
        lookAt(`file ${file.slice(folder.length + 1)} of the data folder`, readFileSync(file));
      return files.length;
    },
  };
};

/** Whether a file of the folder holds this text: a search that finds nothing at all proves nothing. */
export const folderHolds = (folder: string, text: string): boolean =>
  filesOf(folder).some((file) => readFileSync(file).includes(text));

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Collects all that this process prints until `end` gives all of it. */
export const collectOutput = (): { end(): string } => {
  const texts: string[] = [];
  const undo = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write;
    stream.write = ((...given: Parameters<typeof write>) => {
      texts.push(String(given[0]));
      return write.apply(stream, given);
    }) as typeof write;
    return () => {
      stream.write = write;
    };
  });
  return {
    end: () => {
      for (const one of undo.splice(0)) one();
      return texts.join("");
    },
  };
};
