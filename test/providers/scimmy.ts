import { createScimServer } from "../../infra/sandbox/scim-server.ts";
import { callExpress } from "./express.ts";
import { startFront } from "./front.ts";
import type { ProviderOptions, TestProvider } from "./provider.ts";

/**
 * Starts SCIMMY (1.3.5) as the demo runs it, behind the recording front. What it does in its own way, all of it
 * tried:
 * - Filters: the whole grammar, but values compare with case, `userName` too, although uniqueness goes without;
 *   so a lookup may be empty and the create 409. A value with a quotation mark is 400 invalidFilter, and so
 *   cannot be looked up.
 * - Paging: 20 a page without `count`; `itemsPerPage` is what was asked for; count=abc is ignored.
 * - PATCH: 200 with the resource when something changed, else 204; path and path-less, `op` in any case;
 *   booleans must be JSON booleans; an unknown path or path-less key is 400 invalidPath; `replace` at
 *   `phoneNumbers[type eq "work"].value` or `<enterprise URN>:manager.value` is 400 noTarget while there is none.
 * - Create: an empty userName or displayName is taken, `schemas` is not asked for, no Location header.
 * - 401 says what the application says; an unreadable body is 400 without scimType; `meta.location` is relative.
 * Uniqueness of userName, refusal of unknown members, and members as a set are the store's, not SCIMMY's; two
 * groups may bear one name.
 */
export async function startScimmy(options: ProviderOptions = {}): Promise<TestProvider> {
  return startFront("/scim/v2", options, ({ token }) => {
    const server = createScimServer({ token: token() });
    return {
      handle(request) {
        server.setToken(token());
        return callExpress(server.app, request);
      },
      users: server.users,
      groups: server.groups,
    };
  });
}
