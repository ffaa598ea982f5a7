import { shownName } from "../common/shown-name.ts";
import type { DirectoryUser } from "../model/directory.ts";
import { closestName } from "./closest-name.ts";

type ScalarProperty = {
  [Key in keyof DirectoryUser]-?: NonNullable<DirectoryUser[Key]> extends string | boolean ? Key : never;
}[keyof DirectoryUser];

type SourceKind = "text" | "email" | "boolean" | "list";

// A Record, so that a property added to the directory does not compile until its kind is given here.
const scalarKinds: Record<ScalarProperty | "userId", Exclude<SourceKind, "list">> = {
  userId: "text",
  email: "email",
  alternateEmail: "email",
  username: "text",
  firstname: "text",
  lastname: "text",
  middlename: "text",
  displayname: "text",
  jobTitle: "text",
  department: "text",
  costCenter: "text",
  company: "text",
  employeeIdentifier: "text",
  employeeType: "text",
  location: "text",
  description: "text",
  manager: "text",
  state: "text",
  suspended: "boolean",
  passwordExpired: "boolean",
};

const isScalar = (source: string): source is keyof typeof scalarKinds => Object.hasOwn(scalarKinds, source);

const custom = /^attributes\.(.{1,128})$/s;

/**
 * The kind of a source: a property, `userId`, or `attributes.NAME` for a custom one. Undefined where there is no such
 * source.
 */
export const sourceKind = (source: string): SourceKind | undefined => {
  if (isScalar(source)) return scalarKinds[source];
  if (source === "phoneNumbers" || source === "addresses") return "list";
  return custom.test(source) ? "text" : undefined;
};

/** The source that was probably meant. It repeats no name that may be a value in the wrong place. */
export const closestSource = (source: string): string | undefined => {
  const [, name] = /^attributes?\.(.{1,128})$/is.exec(source) ?? [];
  if (name !== undefined) return shownName(name) === name ? `attributes.${name}` : undefined;
  return closestName(source, [...Object.keys(scalarKinds), "phoneNumbers", "addresses"]);
};

/**
 * The text without the blanks around it; undefined where nothing is left, since "" and absent are equal (RFC 7643
 * §2.5).
 */
export const textOrAbsent = (text: string | undefined): string | undefined => text?.trim() || undefined;

/**
 * Read a scalar source of a user, trimmed, undefined where it is blank. E-mail addresses are lower-cased wherever
 * they go: providers differ on case, and the same address must not look like a change.
 */
export const readSource = (
  user: DirectoryUser,
  userId: string,
  source: string,
): string | boolean | undefined => {
  const value = readAsSpelled(user, userId, source);
  return sourceKind(source) === "email" && typeof value === "string" ? value.toLowerCase() : value;
};

/** The same in the directory's own spelling. */
export const readAsSpelled = (
  user: DirectoryUser,
  userId: string,
  source: string,
): string | boolean | undefined => {
  const name = custom.exec(source)?.[1];
  if (name !== undefined) {
    return textOrAbsent(user.attributes?.find((attribute) => attribute.name === name)?.value);
  }
  if (!isScalar(source)) return undefined;
  const value = source === "userId" ? userId : user[source];
  return typeof value === "string" ? textOrAbsent(value) : value;
};
