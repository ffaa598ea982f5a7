import type { Source } from "../model/source.ts";
import type { Call } from "../provisioning/ports/ports.ts";
import { ScimError } from "../scim-server/errors/scim-error.ts";
import type { ScimPorts } from "./access/asking.ts";
import { noSuchPath, type ScimAnswer } from "./answer.ts";
import type { ScimRequest } from "./request.ts";
import { serveGroups } from "./serve-groups.ts";
import { serveUsers } from "./serve-users.ts";

/**
 * Carry out a request of a source. `baseUrl` ends in `/scim/v2`.
 * @throws ScimError, Failure
 */
export const serveResources = async (
  caller: { ports: ScimPorts; call: Call; source: Source; baseUrl: string },
  request: ScimRequest,
): Promise<ScimAnswer> => {
  const [endpoint, ...further] = request.path;
  const asking = { ...caller, ifMatch: request.ifMatch };
  switch (endpoint) {
    case "Users":
      return serveUsers(asking, { ...request, path: further });
    case "Groups":
      return serveGroups(asking, { ...request, path: further });
    case "Me":
    case "Bulk":
    case ".search":
      throw new ScimError(501, notServed[endpoint]);
    default:
      throw noSuchPath();
  }
};

const notServed = {
  Me: "A token is an identity provider's here and no user's, so that there is no /Me.",
  Bulk: "Bulk is not served. Send one request for each change.",
  ".search": "Users and groups are searched apart: POST /Users/.search or /Groups/.search.",
};
