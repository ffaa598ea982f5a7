import { createHash } from "node:crypto";
import { comparableName } from "../common/names.ts";
import type { JobRun } from "../jobs/run-job.ts";
import { mapPartly } from "../mapping/map-user.ts";
import { asText } from "../mapping/remote-attributes.ts";
import type { SavedUser } from "../model/directory.ts";
import type { Integration } from "../model/integration.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { Account } from "./account-items.ts";
import { addressesOf } from "./shown-account.ts";

/**
 * By which names the directory's users may match an account, other than their ids and addresses, which are looked up where
 * they are. No index knows a `username`, or what a mapping makes of a user, so each scan and each import walks the directory
 * once before it begins, and keeps the ids of those who have such a name by its hash. Whoever looks one up reads the user
 * then: what is kept tells who may match, and never who does.
 */
const keyOf = ({ integrationId, jobId }: JobKey): JobKey => ({ integrationId, jobId: `${jobId}-names` });

const usersAtOnce = 500;
const pagesAtOnce = 4;
/** Enough to tell that there are several, and few enough for an item. */
const mostOfName = 20;

const placeOf = (attribute: "userName" | "externalId", name: string): string =>
  createHash("sha256").update(`${attribute} ${name}`).digest("base64url");

/** Keep the names of the next users, for so many days. @returns where to go on; undefined at the end */
export const noteNames = async (
  { ports, integration, job }: JobRun,
  from: string | undefined,
  days: number,
): Promise<string | undefined> => {
  let cursor = from;
  for (let pages = 0; pages < pagesAtOnce; pages += 1) {
    const page = await ports.users.list({ limit: usersAtOnce, ...(cursor !== undefined && { cursor }) });
    const named = page.items.flatMap((user) =>
      placesOfUser(integration, user).map((place) => ({ place, userId: user.userId })),
    );
    await addNames(ports, keyOf(job), named, days);
    cursor = page.nextCursor;
    if (cursor === undefined) return undefined;
  }
  return cursor;
};

/** The ids of users who may have the userName, an address or the externalId of an account as a name. */
export const usersNamed = async (
  { integrationJobs }: Pick<Ports, "integrationJobs">,
  names: JobKey,
  accounts: Account[],
): Promise<(account: Account) => string[]> => {
  const places = new Set(accounts.flatMap(placesOfAccount));
  if (places.size === 0) return () => [];
  const items = await integrationJobs.itemsAt(keyOf(names), [...places]);
  const found = new Map(items.map(({ place, data }) => [place, data.userIds as string[]]));
  return (account) => placesOfAccount(account).flatMap((place) => found.get(place) ?? []);
};

/** Many are called by an address, which may be another one than their directory has. */
const placesOfAccount = ({ shown }: Account): string[] => {
  const [userName, externalId] = [asText(shown.userName), asText(shown.externalId)];
  const names = [userName, ...addressesOf(shown)].map(comparableName).filter((name) => name !== "");
  return [
    ...[...new Set(names)].map((name) => placeOf("userName", name)),
    ...(externalId === "" ? [] : [placeOf("externalId", externalId)]),
  ];
};

const placesOfUser = ({ attributeMappings }: Integration, { user, userId }: SavedUser): string[] => {
  const { attributes } = mapPartly({ user, userId, managerRemoteId: undefined }, attributeMappings);
  const userNames = [user.username ?? "", asText(attributes.userName)].map(comparableName);
  const externalId = asText(attributes.externalId);
  const others = userNames.filter((name) => name !== "" && name !== user.email?.toLowerCase());
  return [
    ...[...new Set(others)].map((name) => placeOf("userName", name)),
    ...(externalId === "" || externalId === userId ? [] : [placeOf("externalId", externalId)]),
  ];
};

const addNames = async (
  { integrationJobs }: Ports,
  key: JobKey,
  named: { place: string; userId: string }[],
  days: number,
): Promise<void> => {
  if (named.length === 0) return;
  const byPlace = Map.groupBy(named, ({ place }) => place);
  const before = await integrationJobs.itemsAt(key, [...byPlace.keys()]);
  const known = new Map(before.map(({ place, data }) => [place, data.userIds as string[]]));
  const items = [...byPlace].map(([place, users]) => {
    const userIds = new Set([...(known.get(place) ?? []), ...users.map(({ userId }) => userId)]);
    return { place, data: { userIds: [...userIds].slice(0, mostOfName) } };
  });
  await integrationJobs.putItems(key, items, days);
};
