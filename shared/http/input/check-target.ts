import { checkMappings } from "../../mapping/check-mappings.ts";
import { checkOverrides } from "../../mapping/check-overrides.ts";
import type { CredentialsInput } from "../../model/credentials.ts";
import type { FieldError } from "../../model/failure.ts";
import type { AttributeMapping } from "../../model/integration.ts";
import type { Overrides } from "../../model/overrides.ts";
import type { Profile, ProfileName, Region } from "../../model/profile.ts";
import { profileOf } from "../../scim/profiles/effective-profile.ts";
import {
  checkBaseUrl,
  checkTokenUrl,
  type GuardOptions,
  isAllowedLoopback,
} from "../../scim/wire/outbound-guard.ts";
import { invalidInput } from "./read-input.ts";

type Target = {
  baseUrl?: string | undefined;
  credentials?: CredentialsInput | undefined;
  attributeMappings?: AttributeMapping[] | undefined;
  overrides?: Overrides | undefined;
};
type NewTarget = Target & {
  profile: ProfileName;
  groupsEnabled?: boolean | undefined;
  region?: Region | undefined;
};

/**
 * An activation with what its profile decides: the base URL where none is given, and groups unless it has none. Throws
 * Failure `invalid-input` where the input is at odds with the profile, and for all that `checkTarget` refuses.
 */
export const checkNewTarget = <T extends NewTarget>(
  input: T,
  options: GuardOptions,
): T & { baseUrl: string; groupsEnabled: boolean } => {
  const profile = profileOf(input);
  const baseUrl = input.baseUrl ?? regionalUrl(input, profile) ?? profile.baseUrl;
  if (baseUrl === undefined)
    throw invalidInput([{ path: "baseUrl", message: "is required: the profile has none" }]);
  if (input.groupsEnabled === true && profile.groups === "none")
    throw invalidInput([
      { path: "groupsEnabled", message: `${profile.title} takes users alone: set it to false` },
    ]);
  const groupsEnabled = input.groupsEnabled ?? profile.groups !== "none";
  const checked = checkTarget({ ...input, baseUrl, groupsEnabled }, options, profile);
  const regional = regionalUrl(input, profile);
  if (regional !== undefined && checked.baseUrl !== regional)
    throw invalidInput([
      { path: "region", message: `is ${regional}, and baseUrl is another one: give one of them` },
    ]);
  return checked;
};

/** The base URL of the region that is asked for. */
const regionalUrl = ({ region }: NewTarget, { regions, title }: Profile): string | undefined => {
  if (region === undefined) return undefined;
  if (regions === undefined)
    throw invalidInput([{ path: "region", message: `${title} has no regions: give baseUrl` }]);
  return regions[region];
};

/**
 * The input with its base URL and token endpoint in normal form. Throws Failure `invalid-input` for an address that may
 * not be called, as far as its spelling tells, or that is not one of the profile's, and for attribute mappings and
 * overrides that cannot be used. `profile` is the one in effect with this input.
 */
export const checkTarget = <T extends Target>(
  input: T,
  options: GuardOptions,
  profile?: Pick<Profile, "baseUrlShape" | "readsMembers">,
): T => {
  const errors: FieldError[] = [];
  const checked = { ...input };
  if (input.baseUrl !== undefined) {
    const url = checkBaseUrl(input.baseUrl, options);
    const misfit = url.ok ? shapeError(url.url, options, profile) : url.reason;
    if (misfit !== undefined) errors.push({ path: "baseUrl", message: misfit });
    if (url.ok) checked.baseUrl = url.url;
  }
  if (input.credentials?.type === "oauth2_client_credentials") {
    const url = checkTokenUrl(input.credentials.tokenUrl, options);
    if (url.ok) checked.credentials = { ...input.credentials, tokenUrl: url.url };
    else errors.push({ path: "credentials.tokenUrl", message: url.reason });
  }
  errors.push(...checkMappings(input.attributeMappings ?? []), ...checkOverrides(input.overrides ?? {}));
  if (input.overrides?.replaceMembers === true && profile?.readsMembers === false)
    errors.push({
      path: "overrides.replaceMembers",
      message: "needs a group that shows its members (readsMembers)",
    });
  if (errors.length > 0) throw invalidInput(errors);
  return checked;
};

/** Why a base URL is not one of the profile's. The local run's own addresses have no shape. */
const shapeError = (
  url: string,
  options: GuardOptions,
  profile: Pick<Profile, "baseUrlShape"> | undefined,
): string | undefined => {
  const shape = profile?.baseUrlShape;
  if (shape === undefined || isAllowedLoopback(url, options)) return undefined;
  return new RegExp(shape.pattern).test(url) ? undefined : shape.hint;
};
