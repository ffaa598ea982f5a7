import type { Overrides } from "../../shared/model/overrides.ts";
import type { Switches } from "../providers/quirky/switches.ts";
import type { Concessions } from "./target.ts";

/** How a switch is drawn for a mix. */
export type Drawn<Value> = {
  values: readonly Value[];
  /** What an integration with such a provider says of it. */
  overrides?: Overrides;
  /** Accounts that were there before have our externalId. */
  seedsExternalId?: true;
  /** What the product cannot promise then. */
  concedes?(value: Value): Concessions;
  /** Switches that make no provider together with this one, or one that nobody can use. */
  excludes?: readonly (keyof Switches)[];
  /** The switch without which it is none: that comes with it. */
  needs?: keyof Switches;
};
/** Why a mix never has it: the scenarios try it alone. */
type NotDrawn = { notDrawn: string };

const plain = { values: [true] } as const;
const otherIds = ["numericIds", "awkwardIds", "idEqualsExternalId", "idFollowsName"] as const;

/** Every switch has a row here: the types ask for it. */
export const switchRows: {
  readonly [K in keyof Switches]-?: Drawn<NonNullable<Switches[K]>> | NotDrawn;
} = {
  tokenScheme: { ...plain, overrides: { authorizationTemplate: "Token token={clientSecret}" } },
  requireUserAgent: plain,
  noTrailingSlash: plain,
  redirect308: plain,

  contentTypeJson: plain,
  schemasAsString: plain,
  numericStatus: plain,
  errorsArray: plain,
  conflictWithoutScimType: plain,
  echoesToken: plain,
  noDiscovery: { values: [404, 500] },
  /** Not where a PUT is answered like one that works, and only the PATCH works of which it says that it has none. */
  discoveryLies: { ...plain, excludes: ["putKeeps"] },
  noLocation: plain,
  missingIdInCreate: plain,
  cutsCreated: { notDrawn: "a fault of the network does it" },
  oddSuccesses: plain,
  rateLimit: { values: [{ burst: 3, seconds: 1 }] },
  rateLimitIs403: { values: ["Retry-After", "X-RateLimit-Remaining"], needs: "rateLimit" },
  compresses: { notDrawn: "answers are compressed on the wire, which no world has" },
  rateLimitIs500: { notDrawn: "a 500 that does not say how long to wait fails calls that nothing disturbs" },

  numericIds: { ...plain, excludes: otherIds },
  awkwardIds: { ...plain, excludes: otherIds },
  idEqualsExternalId: {
    ...plain,
    seedsExternalId: true,
    overrides: { userFilter: "id" },
    excludes: otherIds,
  },
  idFollowsName: { ...plain, excludes: otherIds },

  respellsNames: { notDrawn: "the checks know accounts and groups by what was sent, and it shows others" },
  storesCapitals: { notDrawn: "the checks know accounts and groups by what was sent, and it keeps others" },
  filterMindsCase: plain,
  groupNamesAlike: { values: ["everywhere", "unfiltered"] },

  usersOnly: plain,
  requiredAttributes: { values: [["name.givenName", "name.familyName", "displayName"]] },
  conflictForMissingAttribute: { ...plain, needs: "requiredAttributes" },
  duplicateAnswers: { values: [400, 500] },
  allowsDuplicates: { ...plain, excludes: ["duplicateAnswers", "uniqueExternalId"] },
  uniqueExternalId: plain,
  // An account with our id that nobody sees would give the one that is made another id.
  adoptsExisting: { ...plain, excludes: ["idEqualsExternalId"] },
  /** Where the 202 is lost and nothing is shown yet, another creation is the only way, and none refuses the second. */
  acceptsCreations: { values: [1], excludes: ["allowsDuplicates"] },
  createsBehindTimeout: { notDrawn: "a creation that is answered 504 fails calls that nothing disturbs" },
  replicationLag: { notDrawn: "copies catch up only when it is taken away, and nothing takes it away" },
  readsBehind: { notDrawn: "a read after a request that was lost shows what was before it, for ever" },
  acceptsChanges: plain,
  changesLater: { notDrawn: "what is accepted may stay undone until somebody asks, and then nobody does" },
  refusesAfter: { notDrawn: "whatever is changed is refused for ever" },
  deleteDeactivates: {
    values: ["stays", "then404"],
    overrides: { delete: "deactivates" },
    concedes: (value) => ({
      deleteDeactivates: true,
      ...(value === "then404" && { deletedAreHidden: true }),
    }),
  },
  /** Who is deleted stays a member for good where a removal by a list leaves out those whom it does not know. */
  deleteKeepsGroups: {
    ...plain,
    needs: "deleteDeactivates",
    excludes: ["removesByValueList"],
    concedes: () => ({ deletedStayMembers: true }),
  },
  returnIs201: { ...plain, needs: "deleteDeactivates" },
  showsGroupsOfUsers: plain,
  deleteMissingIs: { values: [204, 500] },
  deleteShows: plain,
  deleteRefused: { notDrawn: "an account that is to be deleted stays, and its call is refused for ever" },
  ownerStays: { notDrawn: "the first account is never taken away, and its calls are refused for ever" },
  deactivateDestroys: { ...plain, overrides: { deactivate: "destroys" } },
  deactivateLeavesGroups: plain,
  inactiveIsFrozen: plain,
  userNameIsFixed: { notDrawn: "whoever is renamed is refused for ever" },
  clearRefused: { ...plain, overrides: { clear: "empty" } },
  createsInactive: { values: ["opens"] },
  activeAsText: plain,

  noPatch: { values: [404, 405, 501] },
  groupsHavePatch: { ...plain, needs: "noPatch" },
  changeMissingIs500: plain,
  patchAnswers204: plain,
  patchAnswersText: { notDrawn: "an answer that is no SCIM fails calls that nothing disturbs" },
  pathRequired: plain,
  ignoresOps: {
    values: [["clear"], ["removeMember"], ["clear", "removeMember"]],
    concedes: (value) => ({
      ...(value.includes("clear") && { clearsMayStay: true }),
      ...(value.includes("removeMember") && { leaversMayStay: true, groupsMayStayUnconfirmed: true }),
    }),
  },
  /** None of the others: a new value that no answer has shown before, of any account, counts as done. */
  ignoresSaid: { values: [["pathless"]] },
  replaceNeedsValue: { values: [true] },
  refusesValue: { notDrawn: "whoever is to have the value is refused for ever" },
  keepsFirstOps: plain,
  mergesLists: plain,
  etag412: { values: ["always", "sometimes"], overrides: { etag: true } },

  noGroupCreate: { notDrawn: "groups have to be there before, of any name" },
  noGroupPut: { values: [true, 404], excludes: ["noPatch"] },
  noReplaceMembers: plain,
  /** A group that hides its members shows nobody that a rename has taken them out. */
  renameEmpties: { values: ["path", "pathless", "put"], excludes: ["membersHiddenOnRead"] },
  /** What an answer without a body has kept as it was, nobody sees. */
  renameIgnored: {
    values: ["path", "pathless"],
    excludes: ["acceptsChanges", "patchAnswers204", "oddSuccesses"],
  },
  putKeeps: { values: ["members", "everything"], excludes: ["noPatch", "oddSuccesses"] },
  patchesOldCopy: {
    notDrawn: "a change undoes an earlier one that its answer had shown, perhaps of another call",
  },
  replaceMembers501: { ...plain, excludes: ["noPatch"] },
  removesByValueList: { ...plain, overrides: { memberRemoveStyle: "valueList" } },
  maxMembersPerOp: { values: [2], overrides: { maxMembersPerOperation: 2 } },
  membersTooLarge413At: { values: [2] },
  membersHiddenOnRead: { ...plain, overrides: { readsMembers: false }, excludes: ["noPatch"] },
  /** A PUT of a read takes out whom the group does not show, and a rename by it one whose addition was not shown. */
  membersShownUpTo: {
    values: [2],
    excludes: ["noPatch"],
    concedes: () => ({ groupsMayStayUnconfirmed: true }),
  },
  groupUnreadableAbove: { values: [2], excludes: ["noPatch"] },
  unknownMember: { values: [404, 400, 409, 500] },
  unknownLeaver: { values: [404, 400] },
  /**
   * Not 400: a removal that a lost request has carried out is refused for ever, with the rename beside it. Nor where members
   * are hidden, or a group of some size cannot be read: nothing proves then that one is none, and the group is told as failed
   * or retrying for good.
   */
  strangerLeaver: { values: [404], excludes: ["membersHiddenOnRead", "groupUnreadableAbove"] },
  inactiveMemberRefused: plain,
  showsMembersAlways: plain,
  /**
   * Whoever is in doubt is added where no read tells that they are there already, also where it is refused but once; and so
   * is who was taken out and is shown nevertheless.
   */
  duplicatesMembersOnReAdd: {
    ...plain,
    concedes: () => ({ membersMayRepeat: true }),
    excludes: ["membersHiddenOnRead", "membersShownUpTo", "groupUnreadableAbove", "ignoresOps"],
  },
  lostConcurrentUpdates: { ...plain, concedes: () => ({ deletedStayMembers: true }) },

  countCap: { values: [1, 2] },
  /** Not "empty": accounts that were there before are found by nobody, and their names are in use. */
  filterIgnored: { values: ["everything", "synthetic user"] },
  filterDeclined: {
    values: [
      { on: "Groups", status: 400 },
      { on: "everything", status: 501 },
    ],
  },
  quotedFilterOnly: plain,
  lookupMissIs404: plain,
  cursorOnly: {
    ...plain,
    overrides: { paging: { style: "cursor", maxCount: 2 } },
    excludes: ["clumsyPager", "totalCap", "unsorted"],
  },
  clumsyPager: { ...plain, excludes: ["totalCap", "unsorted"] },
  totalCap: { values: [1, "missing"] },
  unsorted: plain,
};
