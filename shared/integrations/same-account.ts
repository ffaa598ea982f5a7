import { isSameName } from "../common/names.ts";
import { valuesOf } from "../mapping/listed-values.ts";
import { asText, readAttribute } from "../mapping/remote-attributes.ts";
import type { RemoteResource } from "../model/attributes.ts";
import type { JsonValue } from "../model/json.ts";
import type { UserObserved } from "../model/link.ts";

type Known = Pick<UserObserved, "pushed" | "uncertain" | "shownName">;

const names = ["userName", "externalId", "emails"] as const;

/**
 * Whether what is read by the id of a linked account may be that account: it has one of its names or addresses still. In another
 * tenant the same id may be another person. Where neither side tells any, nobody can tell them apart, and it counts as the
 * same.
 */
export const maybeSameAccount = (
  { pushed = {}, uncertain = {}, shownName }: Known,
  { resource }: RemoteResource,
): boolean => {
  const compared = names.flatMap((path) => {
    const known = [pushed[path], uncertain[path], ...(path === "userName" ? [shownName] : [])].flatMap(
      textsOf,
    );
    const shown = textsOf(readAttribute(resource, path));
    if (known.length === 0 || shown.length === 0) return [];
    return [known.some((one) => shown.some((other) => isSameName(one, other)))];
  });
  return compared.length === 0 || compared.includes(true);
};

const textsOf = (value: JsonValue | undefined): string[] =>
  (Array.isArray(value) ? valuesOf(value) : [asText(value ?? undefined)]).filter((text) => text !== "");
