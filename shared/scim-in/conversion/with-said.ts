import { isObject } from "../../common/objects.ts";
import type { JsonObject } from "../../model/json.ts";

/** The attributes with those that are said now; parts that are not stay. */
export const withSaid = (attributes: JsonObject, said: JsonObject): JsonObject =>
  Object.fromEntries(
    [...new Set([...Object.keys(attributes), ...Object.keys(said)])].flatMap((name) => {
      const [before, now] = [attributes[name], said[name]];
      const value = isObject(before) && isObject(now) ? withSaid(before, now) : (now ?? before);
      return value === undefined ? [] : [[name, value]];
    }),
  );
