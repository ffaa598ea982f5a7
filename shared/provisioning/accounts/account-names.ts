import type { Attributes } from "../../model/attributes.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";

/** What an account is looked up by. */
export const accountNames = ({ userName, externalId }: Attributes): Attributes => ({
  ...(userName !== undefined && { userName }),
  ...(externalId !== undefined && { externalId }),
});

/** The names that a linked account was given, as far as they are known. */
export const linkedNames = ({ observed: { pushed, uncertain } }: UserLink): Attributes =>
  accountNames({ ...uncertain, ...pushed });

/** Without a linked account: the names under which the user may have one nevertheless. */
export const possibleAccount = (
  { baseUrl }: { baseUrl: string },
  { uncertainCreation, unseen, elsewhere }: UserObserved,
): Attributes | undefined =>
  uncertainCreation ?? unseen ?? (elsewhere?.baseUrl === baseUrl ? elsewhere.names : undefined);

/** The account as people know it, and its id at the provider. */
export const accountTitle = ({ observed: { pushed, remoteId } }: UserLink): string =>
  typeof pushed?.userName === "string" ? `${pushed.userName} (${remoteId})` : String(remoteId);
