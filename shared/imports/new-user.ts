import { asText } from "../mapping/remote-attributes.ts";
import { unmapAccount } from "../mapping/unmap-account.ts";
import { type DirectoryUser, directoryUserSchema, userIdSchema } from "../model/directory.ts";
import type { AttributeMapping } from "../model/integration.ts";
import type { Account } from "./account-items.ts";
import { addressesOf } from "./shown-account.ts";

/** The id of the user who is made of the account: its userName, where that can be one. */
export const idOf = ({ shown }: Account): string | undefined => {
  const userName = asText(shown.userName);
  return userIdSchema.safeParse(userName).success ? userName : undefined;
};

export type NewUser = { user: DirectoryUser; managerRemoteId?: string; note?: string };

/**
 * The directory user whom the account is of, or why the directory cannot have them. The directory wants an address and a
 * name: where the mapping's own rows give none, the account's are taken.
 */
export const newUserOf = (account: Account, rows: readonly AttributeMapping[]): NewUser | string => {
  const { user, leftOut, managerRemoteId } = unmapAccount(account.shown, rows);
  const email = user.email ?? addressesOf(account.shown).find(isAddress);
  if (email === undefined)
    return "The account has no valid e-mail address, which a directory user needs. Give it one at the service provider, and scan again.";
  const isNamed = user.firstname !== undefined || user.lastname !== undefined;
  const name = [account.shown.displayName, account.shown.userName]
    .map((value) => asText(value).trim())
    .find(isName);
  if (!isNamed && name === undefined)
    return "The account has no name that a directory user can have: give it a first or a last name, or a displayName of 1–1,024 characters, at the service provider, and scan again.";
  const made = directoryUserSchema.safeParse({ ...user, email, ...(!isNamed && { lastname: name }) });
  if (!made.success) {
    const fields = [...new Set(made.error.issues.map(({ path }) => path.join(".")))];
    return `The directory cannot have a user of this account: it cannot hold ${fields.join(", ")} as the account has it. Put it right at the service provider, and scan again.`;
  }
  const lost = [...leftOut.filter((property) => property !== "email"), ...(account.tooLong ?? [])];
  return {
    user: made.data,
    ...(managerRemoteId !== undefined && { managerRemoteId }),
    ...(lost.length > 0 && { note: `Left out, since the directory cannot hold it: ${lost.join(", ")}.` }),
  };
};

const isAddress = (text: string): boolean => directoryUserSchema.shape.email.safeParse(text).success;
const isName = (text: string): boolean => directoryUserSchema.shape.lastname.safeParse(text).success;
