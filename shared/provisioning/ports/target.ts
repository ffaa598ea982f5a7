import type { Credentials } from "../../model/credentials.ts";
import type { Overrides } from "../../model/overrides.ts";
import type { Capabilities, Profile, ProfileName } from "../../model/profile.ts";

/**
 * What decides how a service provider is spoken to: its profile, what it said of itself, and the integration's word.
 */
export type ProfileChoice = {
  profile: ProfileName;
  capabilities?: Capabilities | undefined;
  overrides?: Overrides | undefined;
};

/** The profile in effect: the profile's data, then what was discovered, then the overrides. Nothing is sent. */
export type ProfileOf = (choice: ProfileChoice) => Profile;

/** The address to call, and the credentials. `credentials` holds the secret: never log, store or print it. */
export type Target = ProfileChoice & {
  baseUrl: string;
  credentials: Credentials;
  /** The integration whose rate budget the requests are taken from. Tests of a target that is not in use have none. */
  budgetOf?: { integrationId: string; version: number };
  /** Until when its provider wants no request, as its row tells it; Unix ms. */
  pausedUntil?: number | undefined;
  /**
   * Which secret of an integration this is, where it is in use: once the provider has refused it, no request goes out
   * with it any more, whatever else is under way in this process.
   */
  secretVersionId?: string;
};
