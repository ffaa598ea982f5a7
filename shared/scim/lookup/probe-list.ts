import type { Collection, ScimContext } from "../exchange/scim-request.ts";
import { readList } from "../messages/answers.ts";
import { queryOf } from "../messages/filter.ts";
import { firstPage } from "./pages.ts";

/**
 * Some providers answer a lookup without a match with 404, and so does any wrong base URL. A plain list tells them
 * apart; it is not asked for where reading marks what is read as managed.
 */
export const probeList = async ({ call, profile }: ScimContext, collection: Collection): Promise<boolean> => {
  if (profile.readsMarkManaged) return false;
  try {
    await call({
      method: "GET",
      path: `/${collection}?${queryOf(firstPage(profile.paging, 1))}`,
      read: readList,
      aside: true,
    });
    return true;
  } catch {
    return false;
  }
};
