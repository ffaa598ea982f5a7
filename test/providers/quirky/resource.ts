/** JSON as a provider keeps it. */
export type Json = { [key: string]: unknown };

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The key of `name` in whatever case (RFC 7643 §2.1). */
const keyIn = (object: Json, name: string): string =>
  Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;

const urns = [
  "urn:ietf:params:scim:schemas:core:2.0:User",
  "urn:ietf:params:scim:schemas:core:2.0:Group",
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
];

/** `attribute`, `attribute.sub`, `URN:attribute.sub` as keys one below the other; undefined for any other form. */
export const stepsOf = (path: string): string[] | undefined => {
  const urn = urns.find((one) => path.toLowerCase().startsWith(`${one.toLowerCase()}:`));
  const rest = urn === undefined ? path : path.slice(urn.length + 1);
  if (!/^[a-z$][\w$-]*(\.[a-z$][\w$-]*)?$/i.test(rest)) return undefined;
  return [...(urn?.includes(":extension:") ? [urn] : []), ...rest.split(".")];
};

export const readAt = (resource: Json, steps: string[]): unknown =>
  steps.reduce<unknown>((held, step) => (isObject(held) ? held[keyIn(held, step)] : undefined), resource);

/** Set a value, or with `undefined` take it out; objects in between are made, and removed once empty. */
export const writeAt = (resource: Json, [step = "", ...rest]: string[], value: unknown): void => {
  const key = keyIn(resource, step);
  if (rest.length === 0) {
    if (value === undefined) delete resource[key];
    else resource[key] = value;
    return;
  }
  const inner = isObject(resource[key]) ? resource[key] : {};
  writeAt(inner, rest, value);
  if (Object.keys(inner).length === 0) delete resource[key];
  else resource[key] = inner;
};

/** A resource as a provider shows it that has its own spelling of names and keeps no externalId. */
export const respelled = (shown: Json, way: "prefixed" | "decomposed" | undefined): Json => {
  if (way === undefined) return shown;
  const { externalId: _, ...resource } = shown;
  const spell = (name: unknown) => (way === "prefixed" ? `PRIMARY/${name}` : String(name).normalize("NFD"));
  // displayName is what a user is called by people, and not the name of a user.
  const attribute = resource.userName === undefined ? "displayName" : "userName";
  return { ...resource, [attribute]: spell(resource[attribute]) };
};

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** Only what is there: null, [] and absent are equal (RFC 7643 §2.5). */
export const present = (resource: Json): Json =>
  Object.fromEntries(Object.entries(resource).filter(([, value]) => !isNothing(value)));

/** Names of groups as a provider compares them that does not mind how they are written. */
export const alike = (name: string): string => name.normalize("NFKC").trim().toLowerCase();
