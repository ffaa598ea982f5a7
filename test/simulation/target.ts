import type { Overrides } from "../../shared/model/overrides.ts";
import type { ProfileName } from "../../shared/model/profile.ts";
import type { InnerProvider } from "../providers/front.ts";
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
  /** What a group shows leaves some of its members in doubt, and the group pending or unconfirmed, for good. */
  groupsMayStayUnconfirmed?: true;
  /** DELETE leaves an inactive account. */
  deleteDeactivates?: true;
  /** Such an account is found by no call: who returns under another name gets a second one, of the same externalId. */
  deletedAreHidden?: true;
  /** Such an account stays in its groups, or a change that the provider lost puts it back: its holder has no access. */
  deletedStayMembers?: true;
  /**
   * A member is there twice where the read that would show it is refused: a group that can never be read has to get its
   * members. One removal takes both out.
   */
  membersMayRepeat?: true;
};

/** A provider as a function. `token` is the one that it takes now. */
export type SimProvider = {
  inner: InnerProvider & { addUser?(resource: Record<string, unknown>): string };
  basePath: string;
  token: string;
  /** It carries out at a read what it has accepted before. */
  changesOnReads: boolean;
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

export type Row = Concessions & {
  profile?: ProfileName;
  overrides?: Overrides;
  faults?: number;
  seedsExternalId?: boolean;
};

/** A switch set, the integration's profile and overrides for it, and what the product promises of it. */
export const quirky = (
  switches: Switches,
  { profile = "generic", overrides = {}, faults = 1, seedsExternalId = false, ...concessions }: Row = {},
): Target => ({
  open({ now, pause }) {
    const provider: SimProvider = {
      basePath: "/scim/v2",
      changesOnReads: switches.acceptsCreations !== undefined,
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

/** `mode` is which version of its library strongDM runs. */
export const strongDm = (mode: "2025" | "2026"): Target => ({
  ...quirky({}, { profile: "strongdm" }),
  open({ newHex }) {
    const provider: SimProvider = {
      basePath: "/provisioning/generic/v2",
      changesOnReads: false,
      token: "the-first-token",
      inner: createStrongDm(mode, { token: () => provider.token, newHex }),
    };
    return provider;
  },
});
