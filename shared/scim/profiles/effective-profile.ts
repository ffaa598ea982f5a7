import { present } from "../../common/objects.ts";
import type { Overrides } from "../../model/overrides.ts";
import type { Capabilities, Profile } from "../../model/profile.ts";
import type { ProfileOf } from "../../provisioning/ports/target.ts";
import { profiles } from "./profiles.ts";

/**
 * The profile in effect: its data, then what the provider said of itself, then the integration's own word. Of a
 * ServiceProviderConfig counts what makes requests safer or smaller: no PATCH, a smaller page, cursors, ETags. A
 * `filter` that is said not to work is sent nevertheless, since many say so of one that works, and every match is
 * verified; where it is declined, the list is read. Pure.
 */
export const effectiveProfile = (
  profile: Profile,
  discovered: Capabilities | undefined,
  overrides: Overrides | undefined,
): Profile => withWarnings({ ...profile, ...refinements(profile, discovered), ...present(overrides ?? {}) });

const refinements = ({ paging }: Profile, discovered: Capabilities | undefined): Partial<Profile> => {
  if (discovered === undefined) return {};
  const { patch, etag, maxResults, paging: style = paging.style } = discovered;
  const maxCount = maxResults !== undefined && maxResults > 0 ? maxResults : paging.maxCount;
  return {
    ...(patch ? {} : { updates: "put" }),
    ...(etag === true ? { etag } : {}),
    paging: { style, maxCount: Math.min(paging.maxCount, maxCount) },
  };
};

const destroys =
  "Deactivating takes the account away for good at this service provider; a user who comes back gets a new one, or the old one without what it held.";

/** What follows from a field is told whether the profile says so or the admin. */
const withWarnings = (profile: Profile): Profile =>
  profile.deactivate === "destroys" ? { ...profile, warnings: [...profile.warnings, destroys] } : profile;

export const profileOf: ProfileOf = ({ profile, capabilities, overrides }) =>
  effectiveProfile(profiles[profile], capabilities, overrides);
