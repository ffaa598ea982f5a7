import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The ways in which a secret could stand in a text: plain, encoded for URLs, JSON, hexadecimal, base64 at any offset.
 */
const formsOf = (secret: string): string[] => {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString("base64");
    // Characters at both ends also carry bits of what stands beside the secret.
    return encoded.replace(/=+$/, "").slice(offset === 0 ? 0 : 2, -1);
  });
  const hex = Buffer.from(secret).toString("hex");
  return [
    secret,
    secret.toLowerCase(),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    JSON.stringify(secret).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
};

/** In which of the texts any form of the secret stands; by the texts' names. */
export const placesOf = (secret: string, texts: Map<string, string>): string[] => {
  const forms = formsOf(secret);
  return [...texts].flatMap(([name, text]) => (forms.some((form) => text.includes(form)) ? [name] : []));
};

/** Every file below a folder, byte for byte. */
export const filesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, "latin1")]),
  );
