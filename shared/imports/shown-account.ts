import { chosenValue, valuesOf } from "../mapping/listed-values.ts";
import { asText } from "../mapping/remote-attributes.ts";
import { enterpriseUrn } from "../mapping/scim-user-schema.ts";
import type { Attributes } from "../model/attributes.ts";
import type { RemoteAccount } from "../model/import.ts";
import type { Account, Match } from "./account-items.ts";

const isAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);

/** The addresses by which a person may be known, in lower case: the userName is one where it looks like one. */
export const addressesOf = ({ userName, emails }: Attributes): string[] => {
  const all = [asText(userName), ...(Array.isArray(emails) ? valuesOf(emails) : [])];
  return [...new Set(all.map((one) => one.trim().toLowerCase()).filter(isAddress))];
};

/** What a person calls the account. */
export const titleOf = ({ remoteId, shown }: Account): string => {
  const userName = asText(shown.userName);
  return userName === "" ? remoteId : `${userName} (${remoteId})`;
};

const texts = {
  userName: "userName",
  externalId: "externalId",
  firstname: "name.givenName",
  lastname: "name.familyName",
  displayname: "displayName",
  jobTitle: "title",
  department: `${enterpriseUrn}:department`,
} as const;

/** What a list shows of an account. */
export const viewOf = ({ shown }: Account): Omit<RemoteAccount, "remoteId" | "status"> => {
  const named = Object.entries(texts).flatMap(([name, path]) => {
    const text = asText(shown[path]);
    return text === "" ? [] : [[name, text] as const];
  });
  const email = Array.isArray(shown.emails) ? chosenValue(shown.emails, []) : undefined;
  return {
    ...Object.fromEntries(named),
    ...(email !== undefined && { email }),
    ...(typeof shown.active === "boolean" && { active: shown.active }),
  };
};

export const toRemoteAccount = (account: Account, { status, userIds }: Match): RemoteAccount => {
  const [userId, ...further] = userIds;
  return {
    remoteId: account.remoteId,
    status,
    ...(userId !== undefined && further.length === 0 && { userId }),
    ...(further.length > 0 && { userIds }),
    ...viewOf(account),
  };
};
