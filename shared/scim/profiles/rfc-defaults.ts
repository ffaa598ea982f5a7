import type { Profile } from "../../model/profile.ts";

/** What a profile says where its provider is not known to differ: the shapes that took effect on every server tried. */
export const rfcDefaults = {
  authorizationTemplate: "Bearer {clientSecret}",
  contentType: "application/scim+json",
  updates: "patch",
  patchPathStyle: "path",
  clear: "remove",
  memberRemoveStyle: "filter",
  replaceMembers: true,
  maxMembersPerOperation: 100,
  readsMembers: true,
  groups: "full",
  groupsNeedMembersList: false,
  deactivate: "suspends",
  delete: "removes",
  requiredAttributes: ["userName"],
  singleValued: [],
  omitPrimaryFalse: false,
  userFilter: "userName",
  paging: { style: "index", maxCount: 100 },
  etag: false,
  readsMarkManaged: false,
  warnings: [],
} as const satisfies Partial<Profile>;
