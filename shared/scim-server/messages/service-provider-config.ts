import type { JsonObject } from "../../model/json.ts";
import { cursorTimeout, pageSizes } from "./page-sizes.ts";
import { maxBody } from "./read-body.ts";

/**
 * As many operations as a PATCH had better have. There is no bulk, but authentik cuts its changes of members by what the
 * limit of bulk is.
 */
const advisedOperations = 1000;

/** `/ServiceProviderConfig` (RFC 7643 §5, RFC 9865 §4). `baseUrl` ends in `/scim/v2`. */
export const serviceProviderConfig = (baseUrl: string): JsonObject => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: advisedOperations, maxPayloadSize: maxBody },
  filter: { supported: true, maxResults: pageSizes.max },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: "index",
    defaultPageSize: pageSizes.default,
    maxPageSize: pageSizes.max,
    cursorTimeout,
  },
  authenticationSchemes: [
    {
      type: "oauthbearertoken",
      name: "Bearer token",
      description: "The token of the source, in the header Authorization: Bearer.",
      specUri: "https://www.rfc-editor.org/info/rfc6750",
      primary: true,
    },
  ],
  meta: {
    resourceType: "ServiceProviderConfig",
    location: `${baseUrl}/ServiceProviderConfig`,
  },
});
