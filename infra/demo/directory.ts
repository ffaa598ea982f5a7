import type { DirectoryUserInput } from "../../shared/model/directory.ts";
import sample from "./directory.json" with { type: "json" };

export type Group = { name: string; members: Set<string> };

/** What the demo has told Usher, kept apart from Usher: the yardstick for what the provider must show. */
export type Directory = {
  users: Map<string, DirectoryUserInput>;
  groups: Map<string, Group>;
  /** Users assigned directly, and groups that are bound. */
  direct: Set<string>;
  bound: Set<string>;
  /** Users with an account, each as it was when the account was last active: nothing is sent to an inactive one. */
  accounts: Map<string, DirectoryUserInput>;
  /** The language that the mapping gives everybody, once it does; and the accounts that were active then, each with its own. */
  language?: string;
  languages: Map<string, string>;
  /** Groups that have had a member with an account: an empty group is not created, one that became empty stays. */
  created: Set<string>;
};

/** The sample directory, of which nothing is assigned yet. */
export const readDirectory = (): Directory => ({
  users: new Map(Object.entries(sample.users) as [string, DirectoryUserInput][]),
  groups: new Map(
    Object.entries(sample.groups).map(([groupId, { name, members }]) => [
      groupId,
      { name, members: new Set<string>(members) },
    ]),
  ),
  direct: new Set(),
  bound: new Set(),
  accounts: new Map(),
  languages: new Map(),
  created: new Set(),
});

/** The user, to be changed by `{...userOf(directory, id), title}`. @throws Error for an id that is not there */
export const userOf = ({ users }: Directory, userId: string): DirectoryUserInput => {
  const user = users.get(userId);
  if (!user) throw new Error(`the demo's directory has no user ${userId}`);
  return user;
};

/** @throws Error for an id that is not there */
export const groupOf = ({ groups }: Directory, groupId: string): Group => {
  const group = groups.get(groupId);
  if (!group) throw new Error(`the demo's directory has no group ${groupId}`);
  return group;
};

/** A leaver is gone from users, groups and provider. */
export const removeUser = (directory: Directory, userId: string): void => {
  directory.users.delete(userId);
  directory.direct.delete(userId);
  directory.accounts.delete(userId);
  for (const { members } of directory.groups.values()) members.delete(userId);
};

/** To be called after each change that was carried out, since accounts and groups outlive what they came from. */
export const settle = (directory: Directory): void => {
  for (const [userId, user] of directory.users) {
    if (!isExpectedActive(directory, userId)) continue;
    directory.accounts.set(userId, user);
    if (directory.language !== undefined) directory.languages.set(userId, directory.language);
  }
  for (const groupId of directory.bound) {
    const { members } = groupOf(directory, groupId);
    if ([...members].some((userId) => directory.accounts.has(userId))) directory.created.add(groupId);
  }
};

/** In scope, and nothing about the person forbids access. */
export const isExpectedActive = (directory: Directory, userId: string): boolean => {
  const user = directory.users.get(userId);
  if (!user) return false;
  const isHeld = [...directory.bound].some((groupId) => groupOf(directory, groupId).members.has(userId));
  const isFree = !user.suspended && !user.passwordExpired && (user.state ?? "ACTIVATED") === "ACTIVATED";
  return isFree && (isHeld || directory.direct.has(userId));
};
