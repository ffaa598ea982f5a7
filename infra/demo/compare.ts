import type { Directory } from "./directory.ts";
import { type ExpectedUser, expectedState } from "./expected-state.ts";
import type { Provider } from "./provider.ts";

type GroupRow = { name: string; expected: number; found: number; isEqual: boolean };
type Comparison = {
  /** Each difference as a sentence; empty where the provider shows what the directory says. */
  differences: string[];
  /** User names before the @, since the ids of those whom a source has made say nothing. */
  active: string[];
  inactive: string[];
  /** Ids of the sample's people who must have no account. */
  absent: string[];
  /** Attribute values that were compared, and those of them that are managers' ids. */
  values: number;
  managers: number;
  groups: GroupRow[];
  /** Names of groups that must not be there, since they never had a member with an account. */
  notCreated: string[];
};

/** Reads the provider's own state from inside and compares all of it with the directory. */
export const compareProvider = (provider: Provider, directory: Directory, everyone: string[]): Comparison => {
  const found = provider.users();
  const namesById = new Map(found.map(({ id, userName }) => [id, userName]));
  const byName = new Map(found.map((user) => [user.userName, user]));
  const expected = expectedState(directory, (userName) => byName.get(userName)?.id);
  const comparison: Comparison = {
    differences: [],
    active: [],
    inactive: [],
    absent: everyone.filter((userId) => !directory.accounts.has(userId)),
    values: 0,
    managers: 0,
    groups: [],
    notCreated: [...directory.groups].flatMap(([id, { name }]) => (directory.created.has(id) ? [] : [name])),
  };

  for (const user of expected.users) {
    const list = user.resource.active ? comparison.active : comparison.inactive;
    list.push(user.userName.replace(/@.*/, ""));
    compareUser(comparison, user, byName.get(user.userName)?.resource);
  }
  const names = new Set(expected.users.map(({ userName }) => userName));
  for (const { userName } of found) {
    if (!names.has(userName)) comparison.differences.push(`${userName} is at the provider and must not be`);
  }
  if (byName.size !== found.length) comparison.differences.push("the provider shows one user name twice");

  const groups = provider.groups();
  for (const { displayName, members } of expected.groups) {
    const same = groups.filter((group) => group.displayName === displayName);
    const there = (same[0]?.members ?? []).map((id) => namesById.get(id) ?? id).sort();
    const wrong = [
      ...(same.length === 1 ? [] : [`is there ${same.length} times`]),
      ...members.filter((name) => !there.includes(name)).map((name) => `lacks ${name}`),
      ...there.filter((name) => !members.includes(name)).map((name) => `holds ${name} and must not`),
    ];
    comparison.differences.push(...wrong.map((what) => `group ${displayName} ${what}`));
    const isEqual = wrong.length === 0;
    comparison.groups.push({ name: displayName, expected: members.length, found: there.length, isEqual });
  }
  const groupNames = new Set(expected.groups.map(({ displayName }) => displayName));
  for (const { displayName } of groups) {
    if (!groupNames.has(displayName))
      comparison.differences.push(`group ${displayName} is at the provider and must not be`);
  }
  return comparison;
};

/** What the provider itself adds to a user, and no mapping says. */
const ofTheProvider = new Set(["id", "meta", "schemas", "groups"]);

const compareUser = (
  comparison: Comparison,
  { userName, resource }: ExpectedUser,
  found: Record<string, unknown> | undefined,
): void => {
  if (!found) {
    comparison.differences.push(`${userName} is not at the provider`);
    return;
  }
  const wanted = valuesOf(resource);
  const shown = valuesOf(
    Object.fromEntries(Object.entries(found).filter(([name]) => !ofTheProvider.has(name))),
  );
  for (const path of new Set([...wanted.keys(), ...shown.keys()])) {
    comparison.values += 1;
    if (path.endsWith(":User.manager.value")) comparison.managers += 1;
    const [here, there] = [wanted.get(path) ?? "nothing", shown.get(path) ?? "nothing"];
    if (here !== there)
      comparison.differences.push(
        `${userName}: ${path} is ${there} at the provider, the directory says ${here}`,
      );
  }
};

/** Every leaf by its path, as JSON text. */
const valuesOf = (value: unknown, path = "", leaves = new Map<string, string>()): Map<string, string> => {
  if (typeof value === "object" && value !== null) {
    for (const [name, part] of Object.entries(value)) valuesOf(part, path ? `${path}.${name}` : name, leaves);
  } else if (value !== undefined) leaves.set(path, JSON.stringify(value));
  return leaves;
};

/** The comparison as text: who, how much, and each group. The differences are the caller's to print. */
export const reportComparison = (comparison: Comparison): string[] => {
  const { active, inactive, absent, values, managers, groups, notCreated } = comparison;
  return [
    `  active    ${active.length}`,
    `  inactive  ${inactive.length}  ${inactive.join(", ")}`,
    `  absent    ${absent.length}  ${absent.join(", ")} (never active, or gone)`,
    `  ${values} attribute values compared, ${managers} of them managers' ids`,
    "",
    "  group                 directory  provider",
    ...groups.map(
      ({ name, expected, found, isEqual }) =>
        `  ${name.padEnd(22)}${String(expected).padStart(9)}${String(found).padStart(10)}  ${isEqual ? "same members" : "DIFFERENT"}`,
    ),
    ...notCreated.map((name) => `  ${name.padEnd(22)}    empty, and so never created`),
  ];
};
