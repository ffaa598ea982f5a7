import type { Page, PageOf } from "../../common/cursor.ts";
import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import type { KeyTerm } from "../../scim-server/filter/key-terms.ts";
import type { ResourceType } from "../../scim-server/schemas/resource-types.ts";
import type { Asking } from "../access/asking.ts";
import type { ShownMembers } from "../groups/show-group.ts";

/** What is listed, users or groups. All of it is the source's alone, and read strongly. */
export type SearchedKind<T extends SavedUser | SavedGroup> = {
  type: ResourceType;
  kind: "user" | "group";
  idOf(saved: T): string;
  /** In the order of the ids. */
  list(asking: Asking, page: Page): Promise<PageOf<T>>;
  /**
   * Whom a key finds, which may be more than fit; undefined where there is no such key. `isWhole` says that nobody else fits.
   */
  find(asking: Asking, term: KeyTerm): Promise<{ found: T[]; isWhole: boolean } | undefined>;
  /** The whole resource, before `project`. */
  show(asking: Asking, saved: T, members: ShownMembers): Promise<JsonObject>;
};
