import { isObject } from "../../common/objects.ts";
import { parseJson, whyUnparsed } from "../../common/parse-json.ts";
import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { HttpAnswer } from "../wire/transport.ts";

/** A 2xx whose body is not what SCIM asks for. The message ends "The service provider answered 200 …". */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly kind: "malformed" | "accepted";

  constructor(message: string, kind: "malformed" | "accepted" = "malformed") {
    super(message);
    this.kind = kind;
  }
}

const markup = (wanted = "SCIM"): Unreadable => new Unreadable(`with HTML instead of ${wanted}`);
export const looksLikeMarkup = (text: string): boolean => /^\s*<[!?a-z]/i.test(text);

/**
 * For calls that need no body: 204, an empty 200 and a resource will do. A proxy's page, a sign-in in JSON or an error
 * under a 2xx is no success.
 */
export const readNothing = (answer: HttpAnswer): void => {
  if (answer.text.trim() === "" || answer.cut) return;
  const body = readObject(answer);
  const schemas = readKey(body, "schemas");
  if (
    JSON.stringify(schemas ?? "")
      .toLowerCase()
      .includes(errorSchema)
  )
    throw new Unreadable("with an error in its body");
  const isResource = ["schemas", "id", "meta"].some((name) => readKey(body, name) !== undefined);
  if (Object.keys(body).length > 0 && !isResource) throw new Unreadable("with JSON that is not SCIM");
};

/** The resource that the answer to a change shows, where there is one. */
export const readShownResource = (answer: HttpAnswer): JsonObject | undefined => {
  readNothing(answer);
  const body = answer.cut ? undefined : parseJson(answer.text);
  return isObject(body) ? body : undefined;
};

const errorSchema = "urn:ietf:params:scim:api:messages:2.0:error";

/** The JSON object of a body; `wanted` names what was asked for. */
export const readObject = ({ text, cut, isGarbled }: HttpAnswer, wanted = "SCIM"): JsonObject => {
  if (cut) throw new Unreadable("with a body that is too large");
  if (text.trim() === "") throw new Unreadable("with an empty body");
  if (looksLikeMarkup(text)) throw markup(wanted);
  if (isGarbled) throw new Unreadable("with a body that is not UTF-8");
  const unparsed = whyUnparsed(text);
  if (unparsed !== undefined) throw new Unreadable(`with JSON ${unparsed}`);
  const body = parseJson(text);
  if (!isObject(body)) throw new Unreadable("with a body that is not a JSON object");
  return body;
};

/** It is a part of the next request's address. */
const longestCursor = 4_000;
const listSchema = "urn:ietf:params:scim:api:messages:2.0:listresponse";

/**
 * `Resources` of a list; null and absent mean none (RFC 7644 §3.4.2). `total` and `nextCursor` where they are told. Any
 * other JSON object is refused, or every JSON API would look like an empty SCIM list.
 */
export const readList = (
  answer: HttpAnswer,
): { resources: JsonObject[]; total: number | undefined; nextCursor: string | undefined } => {
  const body = readObject(answer);
  const resources = readKey(body, "Resources") ?? [];
  // Some show it as text. Anything else may throw where it is made a number.
  const total = Number(asText(readKey(body, "totalResults")) || Number.NaN);
  const schemas = JSON.stringify(readKey(body, "schemas") ?? "").toLowerCase();
  if (readKey(body, "Resources") === undefined && Number.isNaN(total) && !schemas.includes(listSchema))
    throw new Unreadable("with JSON that is not a SCIM list");
  if (!Array.isArray(resources) || !resources.every(isObject))
    throw new Unreadable("with a list that is not one");
  const cursor = readKey(body, "nextCursor");
  if (typeof cursor === "string" && (!cursor.isWellFormed() || cursor.length > longestCursor))
    throw new Unreadable("with a cursor that cannot be sent back");
  return {
    resources,
    total: Number.isNaN(total) ? undefined : total,
    nextCursor: typeof cursor === "string" && cursor !== "" ? cursor : undefined,
  };
};

/** An id as text: some providers show numbers. Undefined for what could not be sent back or kept. */
export const idOf = (value: JsonValue | undefined): string | undefined => {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const id = String(value);
  const usable =
    id !== "" && id.length <= 1000 && id.isWellFormed() && !/\p{Cc}/u.test(id) && !/^\.\.?$/.test(id);
  return usable ? id : undefined;
};

/**
 * The last segment of a resource's address, where the one before names the collection. The address is never followed.
 */
const idFromLocation = (location: JsonValue | undefined, collection: string): string | undefined => {
  if (typeof location !== "string") return undefined;
  const [id = "", before] = (location.split(/[?#]/)[0] ?? "").split("/").reverse();
  if (before?.toLowerCase() !== collection.toLowerCase()) return undefined;
  try {
    return idOf(decodeURIComponent(id));
  } catch {
    return undefined;
  }
};

/** A resource's id, which some tell in `meta.location` alone. */
export const idOfResource = (resource: JsonObject, collection: string): string | undefined => {
  const meta = readKey(resource, "meta");
  return (
    idOf(readKey(resource, "id")) ??
    idFromLocation(isObject(meta) ? readKey(meta, "location") : undefined, collection)
  );
};

/** One resource of a list or a read. */
export const toRemote = (resource: JsonObject, collection: string): RemoteResource => {
  const id = idOfResource(resource, collection);
  if (id === undefined) throw new Unreadable("with a resource that has no usable id");
  return { id, resource };
};

/**
 * The answer to a POST; where the body lacks an id, or there is none, the Location header has it (RFC 7644 §3.3). A 202
 * counts as created only where its body is the resource: its Location may be that of a status page (RFC 7240 §4.1).
 * `isUnread`: there is a body that nobody can read, so that only the id is known.
 */
export const readCreated = (answer: HttpAnswer, collection: string): RemoteResource & { isUnread?: true } => {
  const isLater = answer.status === 202;
  const id = isLater ? undefined : idFromLocation(answer.headers.location, collection);
  if (id === undefined && !isLater) return toRemote(readObject(answer), collection);
  if (looksLikeMarkup(answer.text)) throw markup();
  const body = answer.cut || answer.isGarbled ? undefined : parseJson(answer.text);
  const resource = isObject(body) ? body : {};
  const known = idOf(readKey(resource, "id")) ?? id;
  if (known === undefined) throw new Unreadable("but has not shown the resource yet", "accepted");
  return { id: known, resource, ...(answer.text.trim() !== "" && !isObject(body) && { isUnread: true }) };
};
