import { expect, test } from "vitest";
import { directoryUserSchema } from "../../shared/model/directory.ts";
import { applicationSchema } from "../../shared/model/integration.ts";

const user = { email: "ada@example.com", firstname: "Ada", lastname: "Osei" };
const takes = (fields: object) => directoryUserSchema.safeParse({ ...user, ...fields }).success;

test.each(["firstname", "lastname", "displayname", "jobTitle"])(
  "%s is no blanks, controls, halves of a pair or overrides of direction",
  (field) => {
    for (const text of ["  ", "A\u0000da", "A\nda", "A\uD800da", "A\u202Eda", "A\u2066da"])
      expect([text, takes({ [field]: text })]).toEqual([text, false]);
    for (const text of ["Ada Osei", "\u200Fאדה", "می\u200Cخواهم", "क\u200Dष", "\u{1F600}"])
      expect([text, takes({ [field]: text })]).toEqual([text, true]);
  },
);

test("a custom attribute has its name once", () => {
  const attributes = [
    { name: "badge", value: "1" },
    { name: "badge", value: "2" },
  ];
  expect([takes({ attributes }), takes({ attributes: attributes.slice(1) })]).toEqual([false, true]);
});

test("an application's name is more than blanks", () => {
  expect(applicationSchema.safeParse({ name: "  " }).success).toBe(false);
});
