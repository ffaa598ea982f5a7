import { isObject } from "../../common/objects.ts";
import { readKey } from "../../mapping/remote-attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Capabilities } from "../../model/profile.ts";
import type { ScimCall, ScimContext } from "../exchange/scim-request.ts";
import { readObject } from "../messages/answers.ts";

/**
 * What the provider says of itself at /ServiceProviderConfig (RFC 7644 §4, RFC 7643 §5; pagination: RFC 9865 §4), for
 * the admin to see and for `effectiveProfile`. Best effort: many providers lack the document or guard it, so any
 * failure leaves the profile as it is.
 */
export const readCapabilities = async ({ call, profile }: ScimContext): Promise<Capabilities> => {
  const config = await readConfig(call);
  return {
    groups: profile.groups !== "none",
    patch: said(config, "patch", "supported") !== false,
    filter: said(config, "filter", "supported") !== false,
    ...(said(config, "etag", "supported") === true && { etag: true }),
    ...maxResultsOf(config),
    ...pagingOf(config),
  };
};

const readConfig = async (call: ScimCall): Promise<JsonObject> => {
  try {
    return await call({ method: "GET", path: "/ServiceProviderConfig", read: readObject, aside: true });
  } catch {
    return {};
  }
};

const said = (config: JsonObject, feature: string, name: string): JsonValue | undefined => {
  const stated = readKey(config, feature);
  return isObject(stated) ? readKey(stated, name) : undefined;
};

const maxResultsOf = (config: JsonObject): Pick<Capabilities, "maxResults"> => {
  const stated = said(config, "filter", "maxResults");
  return typeof stated === "number" && Number.isSafeInteger(stated) && stated > 0
    ? { maxResults: stated }
    : {};
};

/** Cursors only where there is nothing else: an index needs no state at the provider. */
const pagingOf = (config: JsonObject): Pick<Capabilities, "paging"> => {
  if (said(config, "pagination", "index") === true) return { paging: "index" };
  return said(config, "pagination", "cursor") === true ? { paging: "cursor" } : {};
};
