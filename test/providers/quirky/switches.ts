/**
 * How a provider differs from RFC 7644. Data only: a provider without a switch does as the RFC says, with an
 * enforced `userName` and `displayName` and all of discovery, patch, filter and index paging.
 */
export type Switches = {
  // What it asks of each request.
  /** `Token token=…` instead of `Bearer …`. */
  tokenScheme?: boolean;
  requireUserAgent?: boolean;
  /** 404 for a path that ends in `/` or holds `//`. */
  noTrailingSlash?: boolean;
  /** 308 with a relative Location on the same origin, for each resource once. */
  redirect308?: boolean;

  // How it answers.
  contentTypeJson?: boolean;
  /** `schemas` as one text. */
  schemasAsString?: boolean;
  /** `status` of an error as a number. */
  numericStatus?: boolean;
  /** The error bodies of SCIM 1.1: `{"Errors":[{"description","code"}]}`. */
  errorsArray?: boolean;
  /** 409 without `scimType`, with `schema`, a request id and an odd time stamp. */
  conflictWithoutScimType?: boolean;
  /** Refusals repeat the Authorization header in their words. */
  echoesToken?: boolean;
  /** The status of the three discovery documents. */
  noDiscovery?: 404 | 500;
  /** The ServiceProviderConfig says that filters and PATCH work, or do not, whatever the truth. */
  discoveryLies?: boolean;
  noLocation?: boolean;
  missingIdInCreate?: boolean;
  /** The body of a 201 is broken off. */
  cutsCreated?: boolean;
  /** 200 for a creation, and 204 for a PUT. */
  oddSuccesses?: boolean;
  /** Writes of one kind beyond `burst` are 429 until `seconds` have passed. */
  rateLimit?: { burst: number; seconds: number };
  /** 403 with Retry-After, or with nothing left and a reset, in place of 429. */
  rateLimitIs403?: "Retry-After" | "X-RateLimit-Remaining";
  /** Answers come compressed in this way, whatever was asked for. */
  compresses?: "gzip" | "deflate" | "br";
  /** 500 with a word of the 429 that it was meant to be, and no Retry-After. */
  rateLimitIs500?: boolean;

  // Ids.
  numericIds?: boolean;
  /** Ids hold `&`, `@`, blanks, slashes, percent signs and letters beyond ASCII. */
  awkwardIds?: boolean;
  idEqualsExternalId?: boolean;
  /** The id is the userName or displayName: a rename gives another, which groups then hold. */
  idFollowsName?: boolean;

  // Names.
  /** Names of users and groups are shown, and found, in a spelling of the provider's own, and no externalId is shown. */
  respellsNames?: "prefixed" | "decomposed";
  /** Names of users and groups are kept in capitals. */
  storesCapitals?: boolean;
  /** Filters on userName mind case; that it is unique does not. */
  filterMindsCase?: boolean;
  /**
   * Names of groups that differ in case, normal form or blanks are one name. `unfiltered`: that they are unique goes by
   * that, and filters do not.
   */
  groupNamesAlike?: "everywhere" | "unfiltered";

  // Users.
  usersOnly?: boolean;
  requiredAttributes?: string[];
  /** A missing required attribute is 409 instead of 400. */
  conflictForMissingAttribute?: boolean;
  duplicateAnswers?: 400 | 409 | 500;
  /** Nothing is unique: shows duplicates that another provider would have refused. */
  allowsDuplicates?: boolean;
  /** `externalId` is unique as well. */
  uniqueExternalId?: boolean;
  /** Accounts that were there before are in no list until a POST of the same name binds them (200). */
  adoptsExisting?: boolean;
  /** A creation is answered 202 without a body, and carried out once so many GETs have come by. */
  acceptsCreations?: number;
  /** A creation is answered 504, and carried out nevertheless once so many GETs have come by. */
  createsBehindTimeout?: number;
  /** What is created meanwhile is shown by no list, and is 404 by its id, as long as this is on. */
  replicationLag?: boolean;
  /** A GET by an id shows what the resource was before so many of its last changes. */
  readsBehind?: number;
  /** Every other write is answered 202 without a body. */
  acceptsChanges?: boolean;
  /**
   * A PATCH is answered with this status and the resource as it was, and carried out once this is off, or so many requests
   * have come by: one after the other.
   */
  changesLater?: { status: 200 | 202; requests: number };
  /** A PATCH of a user is carried out, and answered with this status. */
  refusesAfter?: 307 | 400 | 403 | 409;
  /** DELETE of a user leaves it inactive; with `then404` later calls do not find it. */
  deleteDeactivates?: "stays" | "then404";
  /** With `deleteDeactivates`: the account stays in its groups, and is in them again once it is back. */
  deleteKeepsGroups?: boolean;
  /** A creation that brings a deleted account back is answered 201 and not 200. */
  returnIs201?: boolean;
  /** Users show their groups, also in the answer to a creation. */
  showsGroupsOfUsers?: boolean;
  deleteMissingIs?: 204 | 404 | 500;
  /** DELETE answers 200 with the resource. */
  deleteShows?: boolean;
  /** 400 for DELETE of a user. */
  deleteRefused?: boolean;
  /** 403 for DELETE and `active: false` of the owner, who is the first account. */
  ownerStays?: boolean;
  /** `active: false` removes the account for good. */
  deactivateDestroys?: boolean;
  /** Deactivation takes the account out of all groups. */
  deactivateLeavesGroups?: boolean;
  /** 400 for changes of an inactive account that do not activate it in the same request. */
  inactiveIsFrozen?: boolean;
  /** 400 for another userName. */
  userNameIsFixed?: boolean;
  /** 400 for a remove of an attribute; a replace by "" clears it. */
  clearRefused?: boolean;
  /** A new account is inactive, whatever was asked for; with "stays" it cannot be opened either, and the answer is 200. */
  createsInactive?: "opens" | "stays";
  /** `active` is shown as "True" or "False". */
  activeAsText?: boolean;

  // PATCH and PUT.
  /** 404: there is no route for it. */
  noPatch?: 404 | 405 | 501;
  /** With `noPatch`: groups have PATCH nevertheless. */
  groupsHavePatch?: boolean;
  /** 500 for a PATCH or PUT of what is not there. */
  changeMissingIs500?: boolean;
  patchAnswers204?: boolean;
  /** 400 for a path-less operation on several attributes. */
  pathRequired?: boolean;
  /** 200 for operations of these kinds, which then have no effect. */
  ignoresOps?: ("set" | "clear" | "addMember" | "removeMember" | "rename" | "deactivate")[];
  /** 200 for operations on a user that are said in one of these ways, which then have no effect. */
  ignoresSaid?: ("path" | "dotted" | "pathless" | "remove")[];
  /** 400 noTarget for a replace where there is no value yet; with "and no add" an add is 400 as well from then on. */
  replaceNeedsValue?: true | "and no add";
  /** 400 for an operation on a user with this value. */
  refusesValue?: string;
  /** What a refused PATCH of a user has done before the refused operation stays. */
  keepsFirstOps?: boolean;
  /** A replace of a list of a user takes the place of elements of the same type alone. */
  mergesLists?: boolean;
  /** 412 for a write without, or with an old, If-Match. `sometimes`: every third write meets a newer version. */
  etag412?: "always" | "sometimes";

  // Groups.
  noGroupCreate?: boolean;
  /** PUT of a group is 405, or has no route at all: a page with 404. */
  noGroupPut?: boolean | 404;
  noReplaceMembers?: boolean;
  /** A rename by a PATCH by path, by one without a path, or by PUT, takes all members out of the group. */
  renameEmpties?: "path" | "pathless" | "put";
  /** A PATCH is answered 200 with this text, whatever it did. */
  patchAnswersText?: string;
  /** 200 for a rename of this form, which has no effect. */
  renameIgnored?: "path" | "pathless";
  /** 200 for a PUT of a group, whose members stay as they are; so does all of it with "everything". */
  putKeeps?: "members" | "everything";
  /** So many PATCHes of a group, one after the other, are made on the members that the first of them has found. */
  patchesOldCopy?: number;
  /** 501 for a replace of members, and for a PUT of a group. */
  replaceMembers501?: boolean;
  /** A member leaves by a list of values, and not by `members[value eq "…"]`. */
  removesByValueList?: boolean;
  maxMembersPerOp?: number;
  membersTooLarge413At?: number;
  membersHiddenOnRead?: boolean;
  /** Groups show no more than so many members, in reads and in answers to a change. */
  membersShownUpTo?: number;
  /** 500 for a GET of a group with more members than this. */
  groupUnreadableAbove?: number;
  unknownMember?: 404 | 400 | 409 | 500 | "ignored";
  /** Refuses a change that takes out an unknown user. */
  unknownLeaver?: 404 | 400;
  /** Refuses, without a scimType, a change that takes out a user who is no member. */
  strangerLeaver?: 404 | 400;
  /** 400 for a change that adds an inactive user, and for a PUT that holds one. */
  inactiveMemberRefused?: boolean;
  /** `excludedAttributes` is not looked at. */
  showsMembersAlways?: boolean;
  duplicatesMembersOnReAdd?: boolean;
  /** Two PATCHes of one group at the same time: the later one forgets the earlier one's. */
  lostConcurrentUpdates?: boolean;

  // Lists.
  countCap?: number;
  filterIgnored?: "everything" | "empty" | "synthetic user";
  /** A filtered list is refused, and the ServiceProviderConfig says so. 400 is invalidFilter; `bare`: 400 without it. */
  filterDeclined?: { on: "Groups" | "everything"; status: 400 | 403 | 501 | "bare" };
  /** The filter's value must be in double quotes, else 400. */
  quotedFilterOnly?: boolean;
  /** A lookup without a match is 404. */
  lookupMissIs404?: boolean;
  /** RFC 9865: no totalResults, a nextCursor as long as there is more. */
  cursorOnly?: boolean;
  /** itemsPerPage is the count asked for, totalResults the page's length, the last item is repeated, no hits are null. */
  clumsyPager?: boolean;
  /** totalResults is never more than this, or is left out. */
  totalCap?: number | "missing";
  /** Without sortBy each page is cut from a list in another order: some come twice and others never. */
  unsorted?: boolean;
};
