import type { JsonObject } from "../../model/json.ts";
import { badRequest, ScimError } from "../../scim-server/errors/scim-error.ts";
import { maxBody, readBody } from "../../scim-server/messages/read-body.ts";
import type { HttpEvent } from "../invocation.ts";

/** Below this all of SCIM in is. */
export const scimPath = "/scim/v2";

/** What follows `/scim/v2`, decoded; undefined where a part cannot be. */
export const pathOf = ({ rawPath }: HttpEvent): string[] | undefined => {
  const parts = rawPath
    .slice(scimPath.length)
    .split("/")
    .filter((part) => part !== "");
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
};

/** The first of each name: what nobody knows is ignored (RFC 7644 §3.4.2). */
export const queryOf = ({ rawQueryString }: HttpEvent): JsonObject => {
  const query: JsonObject = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) query[name] ??= value;
  return query;
};

/** @throws ScimError 413, 415, `invalidSyntax` */
export const bodyOf = ({ body = "", headers, isBase64Encoded }: HttpEvent): JsonObject => {
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > maxBody)
    throw new ScimError(413, "The body is larger than 4 MiB. Send it in several requests.");
  if (!isJsonType(headers["content-type"]))
    throw new ScimError(415, "Send the body as JSON, with the header Content-Type: application/scim+json.");
  if (!isUnicode(headers["content-type"]))
    throw new ScimError(415, "Send the body in UTF-8; the header Content-Type names another charset.");
  return readBody(textOf(bytes));
};

/** Some send none. */
const isJsonType = (contentType = ""): boolean =>
  contentType.trim() === "" || /^application\/([\w.!#$&^-]+\+)?json\s*(;|$)/i.test(contentType.trim());

/** JSON is UTF-8 (RFC 8259 §8.1), of which ASCII is a part; what names no charset is it, too. */
const isUnicode = (contentType = ""): boolean => {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1];
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset);
};

const textOf = (bytes: Buffer): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest("invalidSyntax", "The body is not UTF-8.");
  }
};
