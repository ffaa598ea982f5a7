import { expect, test } from "vitest";
import { directoryUserSchema } from "../../shared/model/directory.ts";
import { groupInputSchema } from "../../shared/model/inputs.ts";
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

const texts = [
  ["phoneNumbers", (text: string) => ({ phoneNumbers: [{ type: "work", number: text }] })],
  ["attributes[].name", (text: string) => ({ attributes: [{ name: text, value: "1" }] })],
  ["attributes[].value", (text: string) => ({ attributes: [{ name: "badge", value: text }] })],
  ["addresses", (text: string) => ({ addresses: [{ streetAddress: text }] })],
  ["description", (text: string) => ({ description: text })],
] as const;

test.each(texts)("%s: no controls and no halves of a pair", (_, of) => {
  for (const text of ["A\u0000", "A\u001B[1m", "A\u0085", " A\uD800"])
    expect([text, takes(of(text))]).toEqual([text, false]);
  for (const text of ["+49 30 1", "\u202A+1 555\u202C", " ", "\u200Fאדה", "\u{1F600}"])
    expect([text, takes(of(text))]).toEqual([text, true]);
});

test("addresses, descriptions and values of attributes may have lines, phone numbers and names none", () => {
  expect(texts.map(([, of]) => takes(of("1 Main St\r\n\tFloor 2")))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

test("a group's name holds no halves of a surrogate pair", () => {
  const isTaken = (name: string) => groupInputSchema.safeParse({ name }).success;
  expect([isTaken("A\uD800"), isTaken("\u{1F600}")]).toEqual([false, true]);
});

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
