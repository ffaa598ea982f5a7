import type { Profile } from "../../model/profile.ts";
import { rfcDefaults } from "./rfc-defaults.ts";

const regions = {
  us: "https://app.strongdm.com/provisioning/generic/v2",
  uk: "https://app.uk.strongdm.com/provisioning/generic/v2",
  eu: "https://app.eu.strongdm.com/provisioning/generic/v2",
};

/**
 * strongDM's generic endpoint, its strict one (docs.strongdm.com/references/scim). Groups are Roles there. Lookups know
 * `userName eq` and `displayName eq` alone; a path-less replace is the documented PATCH; a member leaves by
 * `members[value eq "…"]` and no other form.
 */
export const strongdm: Profile = {
  ...rfcDefaults,
  name: "strongdm",
  title: "strongDM",
  baseUrl: regions.us,
  regions,
  // Hosts of strongDM have this path alone; a gateway in front of it may have any but that of the app.
  baseUrlShape: {
    pattern:
      "^https://(?:(?:[^/]+\\.)?strongdm\\.com/provisioning/generic/v2$|(?!(?:[^/]+\\.)?strongdm\\.com(?:[:/]|$))(?!.*/app(?:/|$)))",
    hint: `is not strongDM's SCIM address, which is ${regions.us} (us), ${regions.uk} (uk) or ${regions.eu} (eu): give region alone, or that. The address of the app is application.bookmarkUrl`,
  },
  patchPathStyle: "pathless",
  groupsNeedMembersList: true,
  delete: "undocumented",
  requiredAttributes: ["userName", "name.givenName", "name.familyName", "active"],
  readsMarkManaged: true,
  warnings: [
    "strongDM marks every user and role that a SCIM request creates, changes or returns as managed externally; they can then no longer be edited there one by one.",
    "Groups become roles in strongDM. Bind only the groups that are meant to be roles.",
    "strongDM does not document what deleting a user does; deactivating suspends the user.",
  ],
};
