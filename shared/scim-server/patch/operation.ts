import type { JsonValue } from "../../model/json.ts";

/** One operation of a PATCH as it came, its `op` in lower case. `value` is absent where none was given. */
export type Operation = { op: "add" | "remove" | "replace"; path?: string; value?: JsonValue };
