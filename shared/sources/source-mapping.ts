import { enterpriseUrn } from "../mapping/scim-user-schema.ts";
import type { SourceMapping } from "../model/source.ts";

type Row = SourceMapping["rows"][number];

const ofUser = (attribute: string, property: string, note?: string): Row => ({
  resource: "User",
  attribute,
  property,
  ...(note !== undefined && { note }),
});

/**
 * Which property of the directory each attribute of a source becomes, the same for every source. What is not here is dropped, a
 * password above all.
 */
export const sourceMapping: readonly Row[] = [
  ofUser("userName", "username", "Where it is an address and there is no other, the email, too."),
  ofUser("externalId", "source.externalId"),
  ofUser("name.givenName", "firstname"),
  ofUser("name.middleName", "middlename"),
  ofUser("name.familyName", "lastname"),
  ofUser("displayName", "displayname"),
  ofUser("emails", "email", "The primary one, else that of type work, else the first."),
  ofUser("active", "suspended", "The opposite. A lock that was put here stays."),
  ofUser("title", "jobTitle"),
  ofUser("userType", "employeeType"),
  ofUser("phoneNumbers", "phoneNumbers"),
  ofUser("addresses", "addresses"),
  ofUser(`${enterpriseUrn}:department`, "department"),
  ofUser(`${enterpriseUrn}:costCenter`, "costCenter"),
  ofUser(`${enterpriseUrn}:organization`, "company"),
  ofUser(`${enterpriseUrn}:employeeNumber`, "employeeIdentifier"),
  ofUser(`${enterpriseUrn}:manager.value`, "manager", "The id of a user of the source."),
  { resource: "Group", attribute: "displayName", property: "name" },
  { resource: "Group", attribute: "externalId", property: "source.externalId" },
  {
    resource: "Group",
    attribute: "members",
    property: "members",
    note: "Users of the source. One who is not there yet waits, and joins once there.",
  },
];
