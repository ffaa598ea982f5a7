import { expect } from "vitest";
import { call, patchOp } from "../providers/call.ts";
import { type Quirky, type QuirkyOptions, startQuirky } from "../providers/quirky/quirky.ts";
import {
  type Answer,
  aPerson,
  eventsOf,
  type GivenIntegration,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  scimError,
  type Usher,
  writes,
} from "./steps.ts";

type Options = Pick<QuirkyOptions, "now">;

/** A provider with these quirks, an integration with it, and a person who is not saved yet. */
export const givenQuirky = async (
  usher: Usher,
  switches: NonNullable<QuirkyOptions["switches"]>,
  fields: object = {},
  options: Options = {},
) => {
  const provider = await givenProvider(() => startQuirky({ switches: { ...switches }, ...options }));
  const integration = await givenIntegration(usher, provider, fields);
  const { userId, user } = aPerson();
  return { provider, integration, userId, user, path: `${integration.path}/users/${userId}` };
};

/** The same, and the person has an account there. */
export const givenQuirkyAccount = async (
  usher: Usher,
  switches: NonNullable<QuirkyOptions["switches"]>,
  fields: object = {},
) => {
  const { provider, integration } = await givenQuirky(usher, switches, fields);
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration)) };
};

/** A bound group of two there, and two more users who are saved. */
export const givenQuirkyGroup = async (
  usher: Usher,
  switches: NonNullable<QuirkyOptions["switches"]>,
  fields: object = {},
) => {
  const { provider, integration } = await givenQuirky(usher, switches, fields);
  const [stays = "", leaves = "", joins = "", second = ""] = await givenSaved(usher, 4);
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  return { provider, integration, group, stays, leaves, joins, second };
};

export const remoteIdOf = async (usher: Usher, { path }: GivenIntegration, userId: string): Promise<string> =>
  (await usher.call("GET", `${path}/users/${userId}`)).body.remoteId;

/** There is one group, and it has the accounts of these users, each once. */
export const expectMembers = async (
  usher: Usher,
  provider: Quirky,
  integration: GivenIntegration,
  userIds: string[],
): Promise<void> => {
  const wanted = await Promise.all(userIds.map((userId) => remoteIdOf(usher, integration, userId)));
  const groups = await provider.groups();
  expect(groups.map(({ members }) => members.toSorted())).toEqual([wanted.toSorted()]);
};

export const groupWrites = (provider: Quirky) =>
  writes(provider).filter(({ path }) => path.startsWith("/Groups"));

/** Somebody else shuts the account out, at the provider. */
export const shutOut = (provider: Quirky, remoteId: string) =>
  call(provider, "PATCH", `/Users/${remoteId}`, patchOp({ op: "replace", path: "active", value: false }));

export const lastEventOf = async (usher: Usher, query: string) => (await eventsOf(usher, query)).at(-1);

/**
 * The first request of this kind is answered 503, to be sent again in some seconds; `meanwhile` is called then, and
 * `other` is what came of it.
 */
export const withWaiting = (
  provider: Quirky,
  waiting: { method: string; collection: string; seconds: number },
  meanwhile: () => Promise<Answer>,
) => {
  let other: Promise<Answer> | undefined;
  provider.intercept = ({ method, path }) => {
    if (other || method !== waiting.method || !path.startsWith(waiting.collection)) return undefined;
    other = meanwhile();
    return scimError(503, "Busy.", { "retry-after": String(waiting.seconds) });
  };
  return { other: async () => (await other) as Answer };
};
