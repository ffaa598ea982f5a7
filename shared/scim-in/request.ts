import type { JsonObject } from "../model/json.ts";

/** A request to SCIM in, whoever sends it. */
export type ScimRequest = {
  method: string;
  /** What follows `/scim/v2`, decoded: `["Users", "…"]`. */
  path: readonly string[];
  query: JsonObject;
  /** Reads the body. Throws ScimError. */
  body(): JsonObject;
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
};
