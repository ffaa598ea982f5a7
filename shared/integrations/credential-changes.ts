import { type CredentialsInput, describeCredentials, type PublicCredentials } from "../model/credentials.ts";
import type { Change } from "../model/event.ts";

/** Names that an event keeps the values of: none that sounds like a secret's. */
const fields = [
  ["authType", "type"],
  ["clientId", "clientId"],
  ["oauthServer", "tokenUrl"],
  ["expiresAt", "expiresAt"],
] as const;

/** What new credentials change, as events tell it: the token is named, never told. */
export const credentialChanges = (credentials: CredentialsInput, before?: PublicCredentials): Change[] => {
  const after = describeCredentials(credentials);
  const told = fields.flatMap(([field, name]): Change[] => {
    const [from, to] = [before?.[name], after[name]];
    // A new integration with a bearer token is the usual, and needs no word.
    if (from === to || (!before && to === "bearer")) return [];
    return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  });
  return [...told, { field: "token" }];
};
