import type { Profile } from "../../model/profile.ts";
import { rfcDefaults } from "./rfc-defaults.ts";

/**
 * GitHub Enterprise Managed Users (docs.github.com/rest/enterprise-admin/scim and
 * provisioning-user-accounts-with-scim). Requests need a User-Agent, which every request has. Deactivation suspends and
 * can be undone; DELETE cannot.
 */
export const githubEmu: Profile = {
  ...rfcDefaults,
  name: "github-emu",
  title: "GitHub Enterprise Managed Users",
  baseUrlShape: {
    pattern: "/scim/v2(/enterprises/[^/]+)?$",
    hint: "looks like https://api.github.com/scim/v2/enterprises/ENTERPRISE, or https://HOST/api/v3/scim/v2 of a GitHub Enterprise Server",
  },
  requiredAttributes: ["userName", "externalId", "emails", "active"],
  // A look-up and a POST for each of 1,000 users an hour.
  rateLimit: { perSecond: 0.55, burst: 1000 },
  warnings: [
    "Deleting a user at GitHub cannot be undone: the login is given up for good. With onUserDeleted and onUserUnassigned deprovision, users are suspended, which can be undone.",
    "GitHub takes at most 1,000 users an hour, and one SCIM client for an enterprise.",
    "Usernames are normalised by GitHub: what stands before the @ becomes the login.",
  ],
};
