import type { Switches } from "./switches.ts";

const names = ["name.givenName", "name.familyName"];

/**
 * Providers by what their documents, and others' clients, tell of them; strongDM has a fake of its own. Limits are
 * smaller than the real ones where a test would else have to send thousands.
 */
export const quirkyProfiles = {
  "aws-idc": {
    maxMembersPerOp: 100,
    noReplaceMembers: true,
    noGroupPut: true,
    membersHiddenOnRead: true,
    pathRequired: true,
    conflictWithoutScimType: true,
    countCap: 100,
    requireUserAgent: true,
    noTrailingSlash: true,
    uniqueExternalId: true,
    requiredAttributes: [...names, "displayName"],
  },
  slack: {
    errorsArray: true,
    deleteDeactivates: "stays",
    noDiscovery: 404,
    rateLimit: { burst: 20, seconds: 2 },
  },
  salesforce: {
    schemasAsString: true,
    numericStatus: true,
    quotedFilterOnly: true,
    conflictForMissingAttribute: true,
    requiredAttributes: ["entitlements"],
  },
  gitlab: { idEqualsExternalId: true, patchAnswers204: true, countCap: 20, usersOnly: true },
  "github-emu": {
    requireUserAgent: true,
    deactivateLeavesGroups: true,
    rateLimit: { burst: 60, seconds: 3 },
  },
  pagerduty: { tokenScheme: true, deactivateDestroys: true },
  "snowflake-old": { filterIgnored: "synthetic user" },
  atlassian: { adoptsExisting: true, deleteDeactivates: "then404" },
  miro: { noGroupCreate: true, membersTooLarge413At: 3, noTrailingSlash: true },
  zoom: { awkwardIds: true, contentTypeJson: true, rateLimit: { burst: 3, seconds: 1 } },
  "keycloak-501": { replaceMembers501: true, lostConcurrentUpdates: true },
  liar: { ignoresOps: ["clear", "removeMember"], filterIgnored: "everything", discoveryLies: true },
  "cursor-only": { cursorOnly: true, countCap: 2 },
  "no-discovery": { noDiscovery: 500 },
  "no-patch": { noPatch: 501, noLocation: true },
  "clumsy-pager": { clumsyPager: true, countCap: 3 },
  "late-writer": { noLocation: true, allowsDuplicates: true },
  flaky: { echoesToken: true, allowsDuplicates: true },
  "strict-auth": { echoesToken: true },
  "numeric-id": { numericIds: true, numericStatus: true },
  "relative-redirect": { redirect308: true },
  etag: { etag412: "sometimes" },
  "wso2-dup400": { duplicateAnswers: 400 },
  "wso2-dup500": { duplicateAnswers: 500 },
  "missing-id": { missingIdInCreate: true, noLocation: true },
  "member-strict": {
    unknownMember: 404,
    unknownLeaver: 404,
    duplicatesMembersOnReAdd: true,
    deleteMissingIs: 500,
  },
  "member-lax": { unknownMember: "ignored", lookupMissIs404: true, deleteShows: true },
  "frozen-inactive": { inactiveIsFrozen: true, uniqueExternalId: true },
} as const satisfies Record<string, Switches>;
