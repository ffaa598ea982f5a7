import { randomUUID } from "node:crypto";
import { comparableName, isSameName } from "../common/names.ts";
import { liveOwners } from "../directory/live-owners.ts";
import type { DirectoryUser, SavedGroup, SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Owner } from "../model/owner.ts";
import type { NameClaim, NameKey } from "../provisioning/ports/name-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { ObjectRef } from "../provisioning/ports/work-index.ts";

export type NamingPorts = Pick<Ports, "names" | "users" | "groups" | "sources" | "clock">;

/** No call lasts as long. */
const voidAfterMs = 60_000;
/** For a call that is about to save what bears the name. */
const patienceMs = 2_000;
const lookEachMs = 100;

/** An object as it is, or is to be: its owner, and of a user what it is. */
export type Bearer = { source?: Owner | undefined; user?: DirectoryUser | undefined };

/** The names that an object bears: in its source, and a user as a person, too. */
const namesOf = (kind: ObjectRef["kind"], { source, user }: Bearer): NameKey[] => {
  if (!source || source.left) return [];
  const { sourceId, name, externalId } = source;
  return [
    { sourceId, kind: kind === "user" ? "userName" : "displayName", value: name },
    ...(externalId === undefined
      ? []
      : [{ sourceId, kind: `${kind} externalId` as const, value: externalId }]),
    ...(user ? personKeys(sourceId, [name, user.username, user.email]) : []),
  ];
};

/** In one order for all, so that no two calls wait for each other. */
const personKeys = (sourceId: string, texts: (string | undefined)[]): NameKey[] => {
  const named = texts.flatMap((text) => (text ? [[comparableName(text), text] as const] : []));
  return [...new Map(named)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => ({ sourceId, kind: "person", value }));
};

/** Names that an object bears until it is saved otherwise, each with the claim by which it has it. */
export type FormerNames = { key: NameKey; claimId: string }[];

/**
 * Take the names that an object is to bear and does not yet, before it is saved; the former ones are let go of with
 * `releaseNames` once it is. Safe to repeat after a kill.
 * @throws Failure `name-taken`, with `objectId` and `name` where another object of the source has it, with `userId`, `ownerId` and
 * `name` where it is a person of another source; `attempt-in-progress` where another is about to be saved with one
 */
export const takeNames = async (
  ports: NamingPorts,
  { kind, id }: ObjectRef,
  before: Bearer,
  after: Bearer,
): Promise<FormerNames> => {
  const [borne, wanted] = [namesOf(kind, before), namesOf(kind, after)];
  const isIn = (keys: NameKey[], one: NameKey) => keys.some((key) => isSameKey(key, one));
  for (const key of wanted) if (!isIn(borne, key)) await takeName(ports, { kind, id }, key);
  const former = borne.filter((key) => !wanted.some((one) => isSameItem(one, key)));
  const claims = former.length > 0 ? await ports.names.read(former) : [];
  return former.flatMap((key, at) => {
    const claim = claims[at];
    return claim?.objectId === id ? [{ key, claimId: claim.claimId }] : [];
  });
};

/** Let go of names that no object bears any more. One that stays is void by itself, so this never fails. */
export const releaseNames = async ({ names }: Pick<Ports, "names">, former: FormerNames): Promise<void> => {
  for (const { key, claimId } of former) await names.release(key, claimId).catch(() => undefined);
};

/** The same for the names of an object that was made, as all tries to save it, with an id that nobody else knows. */
export const releaseNamesOfNobody = async (
  ports: Pick<Ports, "names">,
  { kind, id }: ObjectRef,
  bearer: Bearer,
): Promise<void> => {
  const keys = namesOf(kind, bearer);
  const claims = await ports.names.read(keys).catch(() => []);
  const own = keys.flatMap((key, at) => {
    const claim = claims[at];
    return claim?.objectId === id ? [{ key, claimId: claim.claimId }] : [];
  });
  await releaseNames(ports, own);
};

/** The user of a source that is there who bears this userName, username or address, whichever source that is; found by keys alone. */
export const personOf = async (
  ports: NamingPorts,
  sourceId: string,
  value: string,
): Promise<SavedUser | undefined> => objectOfName(ports, "user", { sourceId, kind: "person", value });

/** The object that bears the name now, found by keys alone. */
export const objectOfName = async <K extends ObjectRef["kind"]>(
  ports: NamingPorts,
  kind: K,
  key: NameKey,
): Promise<(K extends "user" ? SavedUser : SavedGroup) | undefined> => {
  const [claim] = await ports.names.read([key]);
  return claim && ((await bearerOf(ports, kind, key, claim)) as never);
};

const isSameKey = (a: NameKey, b: NameKey): boolean =>
  a.sourceId === b.sourceId &&
  a.kind === b.kind &&
  (a.kind.endsWith("externalId") ? a.value === b.value : isSameName(a.value, b.value));

/** A person is one item, whichever source names them; one who passes to another source is taken anew. */
const isSameItem = (a: NameKey, b: NameKey): boolean =>
  isSameKey({ ...a, ...(a.kind === "person" && { sourceId: b.sourceId }) }, b);

/** The object of the claim, where it bears the name; as a person only for a source that is there. */
const bearerOf = async (
  { users, groups, sources }: NamingPorts,
  kind: ObjectRef["kind"],
  key: NameKey,
  { objectId }: NameClaim,
): Promise<SavedUser | SavedGroup | undefined> => {
  const saved = kind === "user" ? await users.read(objectId) : await groups.read(objectId);
  if (!saved || saved.deleted) return undefined;
  if (!namesOf(kind, saved).some((borne) => isSameItem(borne, key))) return undefined;
  const isThere = key.kind !== "person" || (await liveOwners({ sources }, [saved.source]))(saved.source);
  return isThere ? saved : undefined;
};

const takeName = async (ports: NamingPorts, { kind, id }: ObjectRef, key: NameKey): Promise<void> => {
  const { names, clock } = ports;
  const giveUpAt = clock.now() + patienceMs;
  let seen: NameClaim | undefined;
  for (;;) {
    const mine: NameClaim = { objectId: id, claimId: randomUUID(), at: clock.now() };
    const held = await names.claim(key, mine, seen);
    if (held.claimId === mine.claimId) return;
    const bearer = await bearerOf(ports, kind, key, held);
    const ownerId = bearer?.source?.sourceId;
    // Users whom a source names otherwise are other people to it, whatever their address.
    if (key.kind === "person" && ownerId === key.sourceId) return;
    if (bearer) throw key.kind === "person" ? personTaken(key, held, ownerId) : nameTaken(key, held);
    const isVoid = held.at <= clock.now() - voidAfterMs;
    if (!isVoid && clock.now() >= giveUpAt) throw inProgress(key);
    seen = isVoid ? held : undefined;
    if (!isVoid) await clock.sleep(lookEachMs);
  }
};

const nameTaken = ({ kind, value, sourceId }: NameKey, { objectId }: NameClaim): Failure =>
  new Failure("name-taken", `Source ${sourceId} has another object with the ${kind} ${value}.`, {
    facts: { objectId, name: value },
  });

const personTaken = ({ value }: NameKey, { objectId }: NameClaim, ownerId: string | undefined): Failure =>
  new Failure(
    "name-taken",
    "Another source owns the user of this userName or address. An admin can see this conflict and end it.",
    { facts: { userId: objectId, name: value, ...(ownerId !== undefined && { ownerId }) } },
  );

const inProgress = ({ kind, value }: NameKey): Failure =>
  new Failure("attempt-in-progress", `Another call is about to use the ${kind} ${value}. Call again.`, {
    retryAfterSeconds: 2,
  });
