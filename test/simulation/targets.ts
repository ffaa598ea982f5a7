import type { Overrides } from "../../shared/model/overrides.ts";
import type { ProfileName } from "../../shared/model/profile.ts";
import type { InnerProvider } from "../providers/front.ts";
import { quirkyProfiles } from "../providers/quirky/profiles.ts";
import { createQuirky } from "../providers/quirky/quirky.ts";
import type { Switches } from "../providers/quirky/switches.ts";
import { createStrongDm } from "../providers/strongdm/strongdm.ts";

/**
 * What the product promises of a provider where that is less than "as the directory says": each is a lie, or a
 * hidden state, that no client can see through.
 */
export type Concessions = {
  /**
   * 200 for a cleared attribute that stays: the link says cleared.
   */
  clearsMayStay?: true;
  /** 200 for a removed member who stays. */
  leaversMayStay?: true;
  /** DELETE leaves an inactive account. */
  deleteDeactivates?: true;
  /** Such an account is found by no call: who returns under another name gets a second one, of the same externalId. */
  deletedAreHidden?: true;
};

/** A provider as a function. `token` is the one that it takes now. */
export type SimProvider = {
  inner: InnerProvider & { addUser?(resource: Record<string, unknown>): string };
  basePath: string;
  token: string;
};
type Surroundings = { now(): number; pause(): Promise<void>; newHex(): string };

export type Target = {
  open(around: Surroundings): SimProvider;
  profile: ProfileName;
  overrides: Overrides;
  groupsEnabled: boolean;
  /** How often requests go wrong: 1 as elsewhere, 2 twice as often. */
  faults: number;
  /** Accounts that were there before have our externalId: by it, or by an id made of it, they are found. */
  seedsExternalId: boolean;
  concessions: Concessions;
};

type Row = Concessions & {
  profile?: ProfileName;
  overrides?: Overrides;
  faults?: number;
  seedsExternalId?: boolean;
};

/** A switch set, the integration's profile and overrides for it, and what the product promises of it. */
const quirky = (
  switches: Switches,
  { profile = "generic", overrides = {}, faults = 1, seedsExternalId = false, ...concessions }: Row = {},
): Target => ({
  open({ now, pause }) {
    const provider: SimProvider = {
      basePath: "/scim/v2",
      token: "the-first-token",
      inner: createQuirky(switches, { now, pause, token: () => provider.token }),
    };
    return provider;
  },
  profile,
  overrides,
  groupsEnabled: switches.usersOnly !== true,
  faults,
  seedsExternalId,
  concessions,
});

const strongDm = (): Target => ({
  ...quirky({}, { profile: "strongdm" }),
  open({ newHex }) {
    const provider: SimProvider = {
      basePath: "/provisioning/generic/v2",
      token: "the-first-token",
      inner: createStrongDm("2025", { token: () => provider.token, newHex }),
    };
    return provider;
  },
});

const known = quirkyProfiles;
export const targets = {
  generic: quirky({}),
  strongdm: strongDm(),
  "aws-identity-center": quirky(known["aws-idc"], { profile: "aws-identity-center" }),
  slack: quirky(known.slack, { profile: "slack", deleteDeactivates: true }),
  "github-emu": quirky(known["github-emu"], { profile: "github-emu" }),
  gitlab: quirky(known.gitlab, { profile: "gitlab", seedsExternalId: true }),
  pagerduty: quirky(known.pagerduty, {
    overrides: { authorizationTemplate: "Token token={clientSecret}", deactivate: "destroys" },
  }),
  liar: quirky(known.liar, { clearsMayStay: true, leaversMayStay: true }),
  "no-patch": quirky(known["no-patch"]),
  "late-writer": quirky(known["late-writer"], { faults: 2 }),
  flaky: quirky(known.flaky, { faults: 3 }),
  zoom: quirky(known.zoom, { overrides: { contentType: "application/json" } }),
  "keycloak-501": quirky(known["keycloak-501"]),
  "cursor-only": quirky(known["cursor-only"], { overrides: { paging: { style: "cursor", maxCount: 2 } } }),
  "no-discovery": quirky(known["no-discovery"]),
  "clumsy-pager": quirky(known["clumsy-pager"]),
  "numeric-id": quirky(known["numeric-id"]),
  "relative-redirect": quirky(known["relative-redirect"]),
  atlassian: quirky(known.atlassian, { deleteDeactivates: true, deletedAreHidden: true }),
  "wso2-dup400": quirky(known["wso2-dup400"]),
  "wso2-dup500": quirky(known["wso2-dup500"]),
  "missing-id": quirky(known["missing-id"]),
  "member-strict": quirky(known["member-strict"]),
  "member-lax": quirky(known["member-lax"]),
  "frozen-inactive": quirky(known["frozen-inactive"]),
  "snowflake-old": quirky(known["snowflake-old"]),
  "too-large": quirky({ membersTooLarge413At: 2 }),
  etag: quirky(known.etag, { overrides: { etag: true } }),
} as const satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;
