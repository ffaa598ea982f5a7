import { diffAgainstRemote, diffAttributes } from "../../mapping/diff-attributes.ts";
import { readAttribute, remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../../model/attributes.ts";
import { fitToKeep } from "../../model/fit-to-keep.ts";
import type { UserLink } from "../../model/link.ts";

/**
 * Paths that this user was given at that account, now, before it was given up, or by a creation of unknown outcome, which
 * our externalId tells: they are ours to clear.
 */
const onceOurs = (
  { observed: { remoteId, pushed = {}, uncertain = {}, former, uncertainCreation, sent = [] } }: UserLink,
  { id, resource }: RemoteResource,
): string[] => {
  const externalId = uncertainCreation?.externalId;
  const isOfCreation = externalId !== undefined && readAttribute(resource, "externalId") === externalId;
  return [
    ...(remoteId === id ? Object.keys({ ...pushed, ...uncertain }) : []),
    ...(former?.remoteId === id ? former.paths : []),
    ...(isOfCreation ? sent : []),
  ];
};

/** The provider's own spelling of the userName that we gave this account stands for that one. */
const asPushed = (shown: Attributes, accountId: string, { observed }: UserLink): Attributes => {
  const { remoteId, pushed, shownName } = observed;
  const isRespelled = remoteId === accountId && shownName !== undefined && shown.userName === shownName;
  return isRespelled && pushed?.userName !== undefined ? { ...shown, userName: pushed.userName } : shown;
};

/**
 * What an account shows of the attributes that we want or once gave it, and what has to be sent to make it show what
 * we want. What it has beyond these stays. Of a long value that differs the beginning counts as shown.
 */
export const compareAccount = (
  account: RemoteResource,
  next: Attributes,
  link: UserLink,
): { known: Attributes; changes: AttributeChange[] } => {
  const paths = [...Object.keys(next), ...onceOurs(link, account)];
  const shown = asPushed(remoteAttributes(account.resource, paths), account.id, link);
  const unwanted = Object.fromEntries(Object.entries(shown).filter(([path]) => !(path in next)));
  const changes = [...diffAgainstRemote(shown, next), ...diffAttributes(unwanted, {})];
  const differing = new Set(changes.map(({ path }) => path));
  const same = Object.entries(next).filter(([path]) => !differing.has(path));
  const other = Object.entries(shown)
    .filter(([path]) => differing.has(path))
    .map(([path, value]) => [path, fitToKeep(value)]);
  const cut = changes.map((change) =>
    change.from === undefined ? change : { ...change, from: fitToKeep(change.from) },
  );
  return { known: Object.fromEntries([...same, ...other]), changes: cut };
};

/** As events tell it. */
export const toEventChanges = (changes: AttributeChange[]) =>
  changes.map(({ path, from, to }) => ({
    field: path,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }));
