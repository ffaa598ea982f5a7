import { isObject } from "../../common/objects.ts";
import { findKey, readKey } from "../../mapping/remote-attributes.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { shapeOf, type Wording } from "./wording.ts";

/** Whether a part, e.g. `name.givenName`, goes with all that its parent holds, which some replace as a whole then. */
export const sendsWhole = ({ part }: Wording, changes: AttributeChange[]): boolean =>
  part === "whole" && changes.some(({ path, to }) => to !== undefined && shapeOf(path) === "part");

/** What we know of an account, its complex attributes with all that the account shows of them: parts of others stay. */
export const withShownParts = (known: JsonObject, shown: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(known).map(([key, value]) => {
      const there = readKey(shown, key);
      if (!isObject(value) || !isObject(there)) return [key, value];
      const parts = { ...value };
      for (const [sub, part] of Object.entries(there)) parts[findKey(parts, sub) ?? sub] = part;
      return [key, parts];
    }),
  );
