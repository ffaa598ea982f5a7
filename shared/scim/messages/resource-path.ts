import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import { idOf } from "./answers.ts";

/**
 * `/Users/k%26Kd`. Ids hold `&`, `@`, spaces and slashes at some providers. Built from our base URL and the id alone:
 * `meta.location` is never followed.
 */
export const resourcePath = (collection: "Users" | "Groups", id: string): string => {
  // `.` and `..` would be taken for a way up, whatever their encoding (WHATWG URL §4.5).
  if (idOf(id) === undefined) throw new ProviderFailure("malformed", "The id cannot be part of an address");
  return `/${collection}/${encodeURIComponent(id)}`;
};
