import { chosenValue, listedAddresses, listedPhoneNumbers } from "../../mapping/listed-values.ts";
import { addressesOf, listOf, phoneNumbersOf } from "../../mapping/multi-valued.ts";
import { parseScimPath, type ScimPath } from "../../mapping/scim-path.ts";
import { type DirectoryUser, directoryUserSchema } from "../../model/directory.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { sourceMapping } from "../../sources/source-mapping.ts";

/** Properties of a user, each present, and undefined where it is to go. */
export type Properties = Partial<Record<keyof DirectoryUser, unknown>>;

/** One attribute of a user, and what the directory makes of it. */
export type UserRow = {
  path: ScimPath;
  /** The path as text. */
  name: string;
  /** The properties that the attribute becomes, of which those that the directory cannot hold are undefined. */
  store(value: JsonValue | undefined, to: { attributes: JsonObject; user: Properties }): Properties;
  /** What these properties say of the attribute. */
  show(user: DirectoryUser): JsonValue | undefined;
};
type Conversion = Pick<UserRow, "store" | "show">;

const fields: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> =
  directoryUserSchema.shape;

/** The value, where the directory takes it as this property. */
const fitting = (property: keyof DirectoryUser, value: unknown): unknown =>
  value !== undefined && fields[property]?.safeParse(value).success ? value : undefined;

const listOrNone = (list: JsonObject[]): JsonObject[] | undefined => (list.length > 0 ? list : undefined);

type Text = Exclude<keyof DirectoryUser, "phoneNumbers" | "addresses" | "attributes">;

const text = (property: Text): Conversion => ({
  store: (value) => ({ [property]: fitting(property, value) }),
  show: (user) => user[property],
});

const conversions: Readonly<Record<string, Conversion>> = {
  /** The one that counts of the list; or the userName, where that is an address and there is no other. */
  emails: {
    store: (value, { attributes: { userName } }) => {
      const chosen = Array.isArray(value) ? chosenValue(value, []) : undefined;
      return { email: fitting("email", chosen) ?? fitting("email", userName) };
    },
    show: ({ email }) => (email === undefined ? undefined : listOf("emails", email)),
  },
  /** Who is staged stays so, and so does who needs a new password: that is said by calls alone. */
  active: {
    store: (value, { user: { state } }) =>
      value === false
        ? { suspended: true }
        : { suspended: undefined, ...(state === "SUSPENDED" && { state: undefined }) },
    show: ({ suspended, state }) => suspended !== true && state !== "SUSPENDED",
  },
  phoneNumbers: {
    store: (value) => ({ phoneNumbers: fitting("phoneNumbers", listedPhoneNumbers(value)) }),
    show: (user) => listOrNone(phoneNumbersOf(user)),
  },
  addresses: {
    store: (value) => ({ addresses: fitting("addresses", listedAddresses(value)) }),
    show: (user) => listOrNone(addressesOf(user)),
  },
};

/** Every attribute of a user in the order in which it is shown, but for externalId, which its owner bears. */
export const userRows: readonly UserRow[] = sourceMapping
  .filter(({ resource, attribute }) => resource === "User" && attribute !== "externalId")
  .map(({ attribute, property }) => {
    const path = parseScimPath(attribute);
    if (!path) throw new Error(`no SCIM path: ${attribute}`);
    return { path, name: attribute, ...(conversions[attribute] ?? text(property as Text)) };
  });
