import { isDeepStrictEqual } from "node:util";
import { omit } from "../common/objects.ts";
import { diffAttributes } from "../mapping/diff-attributes.ts";
import type { Attributes } from "../model/attributes.ts";
import type { DirectoryUser } from "../model/directory.ts";
import type { Change } from "../model/event.ts";
import type { Owner } from "../model/owner.ts";

/** What differs between two states of a user, field by field; a custom attribute is a field of its own. */
export const changesBetween = (before: DirectoryUser | undefined, after: DirectoryUser): Change[] =>
  diffAttributes(before ? fieldsOf(before) : {}, fieldsOf(after)).map(({ path, ...values }) => ({
    field: path,
    ...values,
  }));

/** All of a user who is new. */
export const fieldsOfNew = (user: DirectoryUser, source: Owner | undefined): Change[] => [
  ...changesBetween(undefined, user),
  ...ownerChanges(undefined, source),
];

/** That the object belongs to another source, or is called otherwise there. */
export const ownerChanges = (before: Owner | undefined, after: Owner | undefined): Change[] =>
  isDeepStrictEqual(before, after)
    ? []
    : [{ field: "source", ...(before && { from: { ...before } }), ...(after && { to: { ...after } }) }];

const fieldsOf = (user: DirectoryUser): Attributes => ({
  ...(omit(user, "attributes") as unknown as Attributes),
  ...Object.fromEntries((user.attributes ?? []).map(({ name, value }) => [`attributes.${name}`, value])),
});
