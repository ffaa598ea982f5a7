import * as z from "zod";
import type { Saving, Trace } from "./directory-change.ts";
import type { Owner } from "./owner.ts";
import { areLines, isLine, isPersonText, lineHint, linesHint, personTextHint } from "./text.ts";

/** `userId` and `groupId` are the caller's: 1–128 of `A–Z a–z 0–9 . _ @ : + -`, and never a path step. */
const directoryId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._@:+-]+$/, "use 1–128 of A–Z a–z 0–9 . _ @ : + -")
  .refine((id) => id !== "." && id !== "..", "must not be . or ..");
export const userIdSchema = directoryId.meta({
  description: "Id of a directory user, chosen by the caller.",
});
export const groupIdSchema = directoryId.meta({
  description: "Id of a directory group, chosen by the caller.",
});

const text = z.string().min(1).max(1024);
const line = text.refine(isLine, lineHint);
const optionalLines = z.string().max(1024).refine(areLines, linesHint).optional();
const name = text.refine(isPersonText, personTextHint).optional();
const optionalName = z.string().max(1024).refine(isPersonText, personTextHint).optional();

const userFields = z.strictObject({
  email: z.email().max(254),
  username: optionalName,
  firstname: name,
  lastname: name,
  middlename: optionalName,
  displayname: optionalName,
  jobTitle: optionalName,
  department: optionalName,
  costCenter: optionalName,
  company: optionalName,
  employeeIdentifier: optionalName,
  employeeType: optionalName,
  location: optionalName,
  description: optionalLines,
  manager: userIdSchema.optional().meta({ description: "The userId of the manager." }),
  alternateEmail: z.email().max(254).optional(),
  phoneNumbers: z
    .array(z.strictObject({ type: line, number: line }))
    .max(20)
    .optional(),
  addresses: z
    .array(
      z.strictObject({
        type: optionalLines,
        streetAddress: optionalLines,
        extendedAddress: optionalLines,
        poBox: optionalLines,
        locality: optionalLines,
        region: optionalLines,
        postalCode: optionalLines,
        country: optionalLines,
      }),
    )
    .max(20)
    .optional(),
  attributes: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(128).refine(isLine, lineHint),
        value: z.string().max(10_240).refine(areLines, linesHint),
      }),
    )
    .max(100)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "has a name twice")
    .optional(),
  suspended: z.boolean().optional(),
  passwordExpired: z.boolean().optional(),
  state: z.enum(["ACTIVATED", "STAGED", "SUSPENDED"]).optional(),
});

export const directoryUserSchema = userFields
  .refine(({ firstname, lastname }) => firstname !== undefined || lastname !== undefined, {
    path: ["firstname"],
    message: "give firstname, lastname or both",
    // Told along with all else that is wrong.
    when: ({ value }) => typeof value === "object" && value !== null && !Array.isArray(value),
  })
  .meta({
    id: "DirectoryUser",
    description:
      "A user of the directory, as the caller saves it. One of firstname and lastname may be left out: a mapping that requires it says so.",
  });
/** As callers save it. */
export type DirectoryUserInput = z.infer<typeof directoryUserSchema>;
/** As kept. A source alone may have left `email` out, and both names. */
export type DirectoryUser = Omit<DirectoryUserInput, "email"> & { email?: string };

const patchFields = Object.entries(userFields.shape).map(([name, field]) => [name, field.nullish()] as const);

/** A JSON merge patch (RFC 7396) of a user: null takes a field away. No field holds an object, so a list is replaced. */
export const userPatchSchema = z.strictObject(Object.fromEntries(patchFields)).meta({
  id: "DirectoryUserPatch",
  description: "JSON merge patch (RFC 7396): null takes a field away; the result has to be a whole user.",
});

/** Who has shut a user out, whatever the document says, when (RFC 3339), and why. */
export type Lock = { since: string; by: string; reason: string };

/** A user as saved: `version` grows with every change, so that a reader can tell old from new. */
export type SavedUser = {
  userId: string;
  user: DirectoryUser;
  version: number;
  deleted: boolean;
  updatedAt: string;
  /** Kept apart from the document: it stays, whoever saves that. */
  lock?: Lock;
  /** The source that made the user, or was given them. One that is gone is nobody. */
  source?: Owner;
} & Trace;

/**
 * A group as saved; its members are items of their own. `version` grows with every change of name or members, and may
 * skip numbers.
 */
export type SavedGroup = {
  groupId: string;
  name: string;
  version: number;
  updatedAt: string;
  /** Absent for one that was last saved before members were counted. */
  memberCount?: number;
  /** The group has ended, and has no members. It may be made anew. */
  deleted?: true;
  saving?: Saving;
  /** As of a user. */
  source?: Owner;
} & Trace;

export const isStaged = (user: DirectoryUser): boolean => user.state === "STAGED";

/** Whether the user may have an open account: the document says so, and nobody has locked them. */
export const isLetIn = ({ user, lock }: { user: DirectoryUser; lock?: Lock | undefined }): boolean =>
  lock === undefined && isActive(user);

/** `active` of the default mapping: not suspended, not staged, password not expired. */
export const isActive = (user: DirectoryUser): boolean =>
  user.suspended !== true && user.passwordExpired !== true && (user.state ?? "ACTIVATED") === "ACTIVATED";
