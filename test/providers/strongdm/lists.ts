import { Refusal, refusal } from "./errors.ts";
import type { Json } from "./schema.ts";

/** Both the default page and the largest one. */
const PAGE_SIZE = 100;

export type Page = { startIndex: number; count: number };

/** `count` and `startIndex` as the library reads them: clamped, or 400 when not a whole number. */
export function readPage(query: URLSearchParams): Page {
  const invalid: string[] = [];
  const read = (name: string, absent: number) => {
    const text = query.get(name) ?? "";
    if (text === "") return absent;
    if (/^[+-]?\d+$/.test(text)) return Number(text);
    invalid.push(name);
    return absent;
  };
  const count = read("count", PAGE_SIZE);
  const startIndex = read("startIndex", 1);
  if (invalid.length > 0) {
    const plural = invalid.length > 1 ? "s" : "";
    throw new Refusal(
      400,
      `Bad Request. Invalid parameter${plural} provided in request: ${invalid.join(", ")}.`,
    );
  }
  return { startIndex: Math.max(startIndex, 1), count: Math.min(Math.max(count, 0), PAGE_SIZE) };
}

/**
 * The text behind `<attribute> eq`, or undefined without a filter. strongDM supports this one filter and no
 * other; the value is a JSON string (RFC 7644 §3.4.2.2).
 */
export function readFilter(query: URLSearchParams, attribute: string): string | undefined {
  const filter = query.get("filter")?.trim();
  if (!filter) return undefined;
  const match = /^(\w+)\s+eq\s+("(?:[^"\\]|\\.)*")$/i.exec(filter);
  if (match?.[1]?.toLowerCase() !== attribute.toLowerCase()) throw refusal("invalidFilter");
  return readJsonString(match[2]) ?? fail();
}

/** A quoted JSON string, else undefined. */
export function readJsonString(quoted: string | undefined): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted ?? "");
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** In strongDM's key order. */
export type ListResponse = Json & { Resources: Json[] | null };

/** One page of `found`. `itemsPerPage` is what was asked for, not what came; no page at all is `empty`. */
export function listResponse(found: Json[], page: Page, empty: null | Json[]): ListResponse {
  const resources = found.slice(page.startIndex - 1, page.startIndex - 1 + page.count);
  return {
    Resources: resources.length === 0 ? empty : resources,
    itemsPerPage: page.count,
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    startIndex: page.startIndex,
    totalResults: found.length,
  };
}

function fail(): never {
  throw refusal("invalidFilter");
}
