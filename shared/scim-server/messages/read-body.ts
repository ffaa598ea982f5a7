import { parseJson, whyUnparsed } from "../../common/parse-json.ts";
import type { JsonObject } from "../../model/json.ts";
import { badRequest, ScimError } from "../errors/scim-error.ts";
import { bodyObject } from "../resources/fields.ts";

/** In bytes. */
export const maxBody = 4 * 1024 * 1024;

/**
 * The JSON object of a body. Throws ScimError: 413 beyond `maxBody`, `invalidSyntax` for what is no JSON object, or is
 * nested so deeply or in so many parts that it would take too much memory.
 */
export const readBody = (text: string): JsonObject => {
  if (Buffer.byteLength(text) > maxBody)
    throw new ScimError(413, "The body is larger than 4 MiB. Send it in several requests.");
  const why = whyUnparsed(text);
  if (why !== undefined) throw badRequest("invalidSyntax", `The body is JSON ${why}.`);
  const body = parseJson(text);
  if (body === undefined) throw badRequest("invalidSyntax", "The body is not JSON.");
  return bodyObject(body);
};
