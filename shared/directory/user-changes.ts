import { omit } from "../common/objects.ts";
import { diffAttributes } from "../mapping/diff-attributes.ts";
import type { Attributes } from "../model/attributes.ts";
import type { DirectoryUser } from "../model/directory.ts";
import type { Change } from "../model/event.ts";

/** What differs between two states of a user, field by field; a custom attribute is a field of its own. */
export const changesBetween = (before: DirectoryUser | undefined, after: DirectoryUser): Change[] =>
  diffAttributes(before ? fieldsOf(before) : {}, fieldsOf(after)).map(({ path, ...values }) => ({
    field: path,
    ...values,
  }));

/** All of a user who is new. */
export const fieldsOfNew = (user: DirectoryUser): Change[] => changesBetween(undefined, user);

const fieldsOf = (user: DirectoryUser): Attributes => ({
  ...(omit(user, "attributes") as unknown as Attributes),
  ...Object.fromEntries((user.attributes ?? []).map(({ name, value }) => [`attributes.${name}`, value])),
});
