import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, pageOf } from "../../shared/common/cursor.ts";

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a cursor leads back to its place in its list", () => {
  expect(decodeCursor("users", encodeCursor("users", "u-1"))).toBe("u-1");
  expect(decodeCursor("users", undefined)).toBeUndefined();
});

test("a cursor keeps its form from release to release", () => {
  expect(encodeCursor("users", "u-1")).toBe("WyJ1c2VycyIsInUtMSJd");
});

test.each([
  "",
  "nonsense",
  "💥",
  encodeCursor("groups", "u-1"),
  encodeCursor("users", "no id"),
  encodeCursor("users", ""),
  encoded(["users", 1]),
  encoded(["users"]),
  encoded({ 0: "users", 1: "u-1" }),
  encoded(null),
])("a cursor that is broken or of another list is refused: %s", (cursor) => {
  expect(() => decodeCursor("users", cursor)).toThrow(expect.objectContaining({ code: "invalid-cursor" }));
});

test("a list may have other places than ids", () => {
  const cursor = encodeCursor("days", "2026-11-05");
  expect(decodeCursor("days", cursor, /^\d{4}-\d{2}-\d{2}$/)).toBe("2026-11-05");
  expect(() => decodeCursor("days", cursor, /^\d{4}$/)).toThrow(
    expect.objectContaining({ code: "invalid-cursor" }),
  );
});

test("only a page that others follow has a cursor", () => {
  const at = (last: string) => `after ${last}`;
  expect(pageOf(["a", "b", "c"], 2, at)).toEqual({ items: ["a", "b"], nextCursor: "after b" });
  expect(pageOf(["a", "b"], 2, at)).toEqual({ items: ["a", "b"] });
  expect(pageOf([], 2, at)).toEqual({ items: [] });
});
