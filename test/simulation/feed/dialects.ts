/** A person and a group as an identity provider has them; `id` is what it was told. Members are persons by number. */
export type Person = { userName: string; externalId: string; title: string; active: boolean };
export type Team = { displayName: string; members: number[] };
export type Asked = { method: string; path: string; body?: object };

/** How an identity provider says what has changed. Everything else it does as all others do. */
export type Dialect = {
  /** By which attribute a user is looked for before and after a creation. */
  matches: "userName" | "externalId";
  changeUser(id: string, person: Person): Asked;
  /** Ids of users. */
  changeMembers(id: string, change: { add: string[]; remove: string[]; all: string[] }): Asked[];
  /** Whether who goes is deleted, or closed for good. */
  deletes: boolean;
};

const user = "urn:ietf:params:scim:schemas:core:2.0:User";
const patch = (path: string, ...Operations: object[]): Asked => ({
  method: "PATCH",
  path,
  body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations },
});
const values = (ids: string[]) => ids.map((value) => ({ value }));

export const resourceOf = ({ userName, externalId, title, active }: Person) => ({
  schemas: [user],
  ...{ userName, externalId, title, active },
  name: { givenName: "Ada", familyName: "Lovelace" },
  emails: [{ value: userName, type: "work", primary: true }],
});

const removedById = (path: string, ids: string[]): Asked[] =>
  ids.map((id) => patch(path, { op: "remove", path: `members[value eq "${id}"]` }));

export const dialects = {
  okta: {
    matches: "userName",
    changeUser: (id, person) => ({
      method: "PUT",
      path: `/Users/${id}`,
      body: { id, ...resourceOf(person) },
    }),
    changeMembers: (id, { add, remove }) => [
      ...(add.length > 0 ? [patch(`/Groups/${id}`, { op: "add", path: "members", value: values(add) })] : []),
      ...removedById(`/Groups/${id}`, remove),
    ],
    deletes: false,
  },
  entra: {
    matches: "externalId",
    changeUser: (id, { userName, title, active }) =>
      patch(
        `/Users/${id}`,
        { op: "Replace", path: "userName", value: userName },
        { op: "Replace", path: 'emails[type eq "work"].value', value: userName },
        { op: "Add", path: "title", value: title },
        { op: "Replace", path: "active", value: active ? "True" : "False" },
      ),
    changeMembers: (id, { add, remove }) => [
      ...(add.length > 0 ? [patch(`/Groups/${id}`, { op: "Add", path: "members", value: values(add) })] : []),
      ...(remove.length > 0
        ? [patch(`/Groups/${id}`, { op: "Remove", path: "members", value: values(remove) })]
        : []),
    ],
    deletes: true,
  },
  "entra with its flag": {
    matches: "externalId",
    changeUser: (id, { userName, title, active }) =>
      patch(
        `/Users/${id}?aadOptscim062020`,
        { op: "replace", path: 'emails[type eq "work"].value', value: userName },
        { op: "replace", value: { userName, title, active } },
      ),
    changeMembers: (id, { add, remove }) => [
      ...(add.length > 0
        ? [patch(`/Groups/${id}?aadOptscim062020`, { op: "add", path: "members", value: values(add) })]
        : []),
      ...removedById(`/Groups/${id}?aadOptscim062020`, remove),
    ],
    deletes: true,
  },
  jumpcloud: {
    matches: "userName",
    changeUser: (id, person) => ({ method: "PUT", path: `/Users/${id}`, body: resourceOf(person) }),
    changeMembers: (id, { all }) => [
      patch(`/Groups/${id}`, { op: "replace", path: "members", value: values(all) }),
    ],
    deletes: true,
  },
} as const satisfies Record<string, Dialect>;
export type DialectName = keyof typeof dialects;
