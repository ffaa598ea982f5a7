import { createHash } from "node:crypto";
import type { Change } from "../model/event.ts";
import type { JsonValue } from "../model/json.ts";
import { secretPlace } from "../model/overrides.ts";
import { storable } from "../model/storable.ts";

/** Limits that keep a whole event under 300 KB for every input (DynamoDB takes 400). */
const maxValueChars = 1024;
const keptChars = 256;
const maxChanges = { items: 500, bytes: 120_000 };
const maxMembers = { items: 100, bytes: 25_000 };
const maxTexts = { items: 100, bytes: 20_000 };

const redacted = "[redacted]";
const secretName =
  /secret(?!ar)|token|passw|passphrase|passcode|pwd|authori[sz]ation(?!template)|credential|apikey|accesskey|privatekey|signingkey|cookie|bearer/;

/**
 * Whether a field of this name may hold a secret. Spelling, case and separators do not matter. A template holds none.
 */
export const isSecretName = (name: string): boolean =>
  secretName.test(
    name
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[^a-z0-9]/g, ""),
  );

/**
 * Secrets inside free text: a token of a source, an Authorization value, `"token": "…"` of an echoed body, `token=…` of an
 * echoed form.
 */
const hideSecrets = (text: string): string => {
  const hide = (found: string, before: string, name: string) =>
    isSecretName(name) && found !== before + secretPlace ? `${before}${redacted}` : found;
  return text
    .toWellFormed()
    .replace(/\busher_scim_[\w-]{8,}/g, redacted)
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{20,}/gi, `$1 ${redacted}`)
    .replace(/("([^"\\]{1,80})"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s"{}[\],]+)/gs, hide)
    .replace(/(\\"([^"\\]{1,80})\\"\s*:\s*)(?:\\".*?(?:\\"|$)|[^\s\\"{}[\],]+)/gs, hide)
    .replace(/(([\w.-]{1,80})=)[^\s&;,"']+/g, hide);
};

/** Text fit for an event: no secret that can be told as one, and cut where it is long. */
export const redactText = (text: string): string => {
  const safe = hideSecrets(text);
  if (JSON.stringify(safe).length <= maxValueChars) return safe;
  return `${head(safe)}… (cut: ${safe.length} characters, sha256 ${sha256(safe)})`;
};

/** Texts fit for an event; of very many the first, and a last line that counts the rest. */
export const redactTexts = (texts: readonly string[]): string[] => {
  const all = texts.map(redactText);
  const kept = firstWithin(all, maxTexts);
  return kept.length === all.length ? all : [...kept, `… and ${all.length - kept.length} more`];
};

/**
 * Changes fit for an event. A field with a secret-like name keeps its name and nothing else; a value over 1,024
 * characters of JSON becomes `{cut, length, sha256}`; of very many changes the first stay and a last row counts
 * and hashes all.
 */
export const redactChanges = (changes: readonly Change[]): Change[] => {
  const all = changes.map(redactChange);
  const kept = firstWithin(all, maxChanges);
  if (kept.length === all.length) return all;
  const to = { length: all.length, sha256: sha256(JSON.stringify(all)) };
  return [...kept, { field: `… and ${all.length - kept.length} more`, to }];
};

/**
 * The members as the document shows them: up to 100 ids, and of a longer list also how many there are in all and
 * the SHA-256 of all ids, sorted, one a line, so that the references of the event can be checked against it.
 */
export const redactMembers = (
  ids: readonly string[],
): { shown: string[]; total?: number; sha256?: string } => {
  const shown = firstWithin(ids.map(redactText), maxMembers);
  if (shown.length === ids.length) return { shown };
  return { shown, total: ids.length, sha256: sha256(ids.toSorted().join("\n")) };
};

const redactChange = ({ field, from, to }: Change): Change => ({
  field: redactText(field),
  ...(from === undefined || isSecretName(field) ? {} : { from: cutValue(redactValue(storable(from))) }),
  ...(to === undefined || isSecretName(field) ? {} : { to: cutValue(redactValue(storable(to))) }),
});

const redactValue = (value: JsonValue): JsonValue => {
  if (typeof value === "string") return hideSecrets(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(redactValue);
  // `{name: "apiToken", value: "…"}`: the name of the field is a value here.
  const namesSecret = ["name", "field", "path", "target", "key", "type"].some((naming) => {
    const name = Object.hasOwn(value, naming) ? value[naming] : undefined;
    return typeof name === "string" && isSecretName(name);
  });
  const holdsSecret = (key: string) =>
    isSecretName(key) || (namesSecret && ["value", "from", "to", "constant", "template"].includes(key));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, holdsSecret(key) ? redacted : redactValue(entry)]),
  );
};

const cutValue = (value: JsonValue): JsonValue => {
  const json = JSON.stringify(value);
  if (json.length <= maxValueChars) return value;
  const text = typeof value === "string" ? value : json;
  return { cut: head(text), length: text.length, sha256: sha256(text) };
};

const firstWithin = <T>(items: readonly T[], max: { items: number; bytes: number }): T[] => {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return index >= max.items || bytes > max.bytes;
  });
  return items.slice(0, end === -1 ? items.length : end);
};

// A cut may split a surrogate pair, which is no text that can be stored.
const head = (text: string): string => text.slice(0, keptChars).toWellFormed();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
