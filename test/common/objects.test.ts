import { expect, expectTypeOf, test } from "vitest";
import { isObject, omit, present } from "../../shared/common/objects.ts";

test("what is left out is gone, everything else stays as it was", () => {
  const user: { id: string; name?: string; age: number } = { id: "1", name: "Ada", age: 36 };
  const rest = omit(user, "name", "age");
  expect(rest).toStrictEqual({ id: "1" });
  expect(user).toStrictEqual({ id: "1", name: "Ada", age: 36 });
  expectTypeOf(rest).toEqualTypeOf<{ id: string }>();
});

test("a property that is not there may be left out", () => {
  const user: { id: string; name?: string } = { id: "1" };
  expect(omit(user, "name")).toStrictEqual({ id: "1" });
});

test("null, 0, empty text and false are present; undefined is not", () => {
  const values = { a: null, b: 0, c: "", d: false, e: undefined };
  expect(present(values)).toStrictEqual({ a: null, b: 0, c: "", d: false });
});

test("an object is neither a list nor null", () => {
  const values = [{}, { a: 1 }, [], null, "text", 1, true, undefined];
  expect(values.map((value) => isObject(value))).toEqual([true, true, ...Array(6).fill(false)]);
});
