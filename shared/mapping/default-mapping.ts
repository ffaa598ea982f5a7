import { parseScimPath, type ScimPath } from "./scim-path.ts";
import { enterpriseUrn } from "./scim-user-schema.ts";

/** Values that no single property holds: see `map-user.ts`. */
export type Computed = "displayName" | "active" | "managerRemoteId";

type Row = { target: string; required: boolean } & ({ source: string } | { computed: Computed });
export type DefaultRow = Row & { path: ScimPath };

const required = true;
const optional = false;

const rows: Row[] = [
  { target: "userName", source: "email", required },
  { target: "externalId", source: "userId", required: optional },
  { target: "name.givenName", source: "firstname", required },
  { target: "name.middleName", source: "middlename", required: optional },
  { target: "name.familyName", source: "lastname", required },
  { target: "displayName", computed: "displayName", required },
  { target: "emails", source: "email", required: optional },
  { target: "active", computed: "active", required },
  { target: "title", source: "jobTitle", required: optional },
  { target: "userType", source: "employeeType", required: optional },
  { target: "phoneNumbers", source: "phoneNumbers", required: optional },
  { target: "addresses", source: "addresses", required: optional },
  { target: `${enterpriseUrn}:department`, source: "department", required: optional },
  { target: `${enterpriseUrn}:costCenter`, source: "costCenter", required: optional },
  { target: `${enterpriseUrn}:organization`, source: "company", required: optional },
  { target: `${enterpriseUrn}:employeeNumber`, source: "employeeIdentifier", required: optional },
  { target: `${enterpriseUrn}:manager.value`, computed: "managerRemoteId", required: optional },
];

/**
 * What is sent where an integration has no rows of its own, in the order in which it is sent (RFC 7643 §4.1, §4.3).
 * A required row can be fed from elsewhere, but not left out; `active` cannot even be fed from elsewhere.
 */
export const defaultMapping: readonly DefaultRow[] = /* @__PURE__ */ rows.map((row) => {
  const path = parseScimPath(row.target);
  if (!path) throw new Error(`no SCIM path: ${row.target}`);
  return { ...row, path };
});
