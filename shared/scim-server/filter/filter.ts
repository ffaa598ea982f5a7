import type { AttributeRef } from "../schemas/find-attribute.ts";

export type Operator = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";
export type Literal = string | number | boolean | null;

/**
 * A filter that was read and understood (RFC 7644 §3.4.2.2): every attribute is one that is kept, every literal fits it.
 * Inside an `element`, whose `of` all has to hold of one and the same value, `ref` names the parts of `attribute` alone.
 */
export type Filter =
  | { kind: "and" | "or"; terms: Filter[] }
  | { kind: "not"; of: Filter }
  | { kind: "compare"; ref: AttributeRef; operator: Operator; literal: Literal }
  | { kind: "present"; ref: AttributeRef }
  | { kind: "element"; ref: AttributeRef; of: Filter };
