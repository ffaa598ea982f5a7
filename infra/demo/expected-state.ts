import type { DirectoryUserInput } from "../../shared/model/directory.ts";
import { type Directory, groupOf, isExpectedActive } from "./directory.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

export type ExpectedUser = { userId: string; userName: string; resource: Record<string, unknown> };
type ExpectedGroup = { displayName: string; members: string[] };

/** What the provider must show: users with every mapped attribute, groups with the user names of their members. */
type ExpectedState = { users: ExpectedUser[]; groups: ExpectedGroup[] };

/**
 * The provider's state as the directory and the HTTP contract say it, written down a second time: nothing of Usher's
 * mapping is used here, or its mistakes would be right by definition. `remoteIdOf` tells the id that the provider gave
 * a user name, which is how a manager is told.
 */
export const expectedState = (
  directory: Directory,
  remoteIdOf: (userName: string) => string | undefined,
): ExpectedState => {
  const managerIdOf = ({ manager }: DirectoryUserInput): string | undefined => {
    const account = manager === undefined ? undefined : directory.accounts.get(manager);
    return account && remoteIdOf(account.email.toLowerCase());
  };
  const users = [...directory.accounts].map(([userId, user]) => ({
    userId,
    userName: user.email.toLowerCase(),
    resource: {
      ...resourceOf(userId, user, isExpectedActive(directory, userId), managerIdOf(user)),
      preferredLanguage: directory.languages.get(userId),
    },
  }));
  const groups = [...directory.created].map((groupId) => {
    const { name, members } = groupOf(directory, groupId);
    const accounts = [...members].flatMap((userId) => directory.accounts.get(userId) ?? []);
    return { displayName: name, members: accounts.map(({ email }) => email.toLowerCase()).sort() };
  });
  return { users, groups };
};

const resourceOf = (
  userId: string,
  user: DirectoryUserInput,
  active: boolean,
  managerId: string | undefined,
) => ({
  userName: user.email.toLowerCase(),
  externalId: userId,
  name: { givenName: user.firstname, middleName: user.middlename, familyName: user.lastname },
  displayName: user.displayname ?? `${user.firstname} ${user.lastname}`,
  // The row that the demo's integration adds to the default mapping; another one comes later.
  nickName: user.attributes?.find(({ name }) => name === "githubLogin")?.value,
  emails: [{ type: "work", value: user.email.toLowerCase(), primary: true }],
  active,
  title: user.jobTitle,
  userType: user.employeeType,
  phoneNumbers: user.phoneNumbers?.map(({ type, number }) => ({ type, value: number })),
  addresses: user.addresses?.map(({ extendedAddress, poBox, streetAddress, ...rest }) => ({
    ...rest,
    // SCIM has one field for all lines of a street; a bare number is told as a P.O. box, not as a house.
    streetAddress: [streetAddress, extendedAddress, poBox && `PO Box ${poBox}`].filter(Boolean).join("\n"),
  })),
  [enterprise]: {
    department: user.department,
    costCenter: user.costCenter,
    organization: user.company,
    employeeNumber: user.employeeIdentifier,
    manager: { value: managerId },
  },
});
