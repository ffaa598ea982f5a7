import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matches } from "../../../shared/scim-server/filter/matches.ts";
import { parseFilter } from "../../../shared/scim-server/filter/parse-filter.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { detailFrom, refusalOf } from "../refusal.ts";
import { sampleUser } from "../sample-user.ts";

const refused = (filter: string) => refusalOf(() => parseFilter(userType, filter));

describe("a filter is refused", () => {
  it.each([
    "",
    " ",
    "userName",
    "userName eq",
    'userName is "x"',
    "userName eq x",
    "userName eq 'x'",
    'userName eq "x',
    'userName eq "\\x"',
    'userName eq "a\u0000b"',
    'userName eq "x" and',
    'and userName eq "x"',
    'userName eq "x" userName pr',
    '(userName eq "x"',
    'userName eq "x")',
    "not userName pr",
    "not (userName pr",
    'emails[type eq "work"',
    'emails[type eq "work"].',
    'emails[type eq "work"].value',
    "emails[]",
    'emails[emails[type eq "work"]]',
    'emails[kind eq "work"]',
    'emails[name.type eq "work"]',
    'userName[type eq "work"]',
    'name[givenName eq "x"]',
    'emails.value[type eq "work"]',
    'name eq "x"',
    'addresses eq "x"',
    "userName eq 5",
    "userName eq true",
    "userName gt null",
    "active gt true",
    'active eq "yes"',
    "active eq 1",
    'active co "t"',
    'meta.created gt "yesterday"',
    'meta.created eq "2026-13-45T99:00:00Z"',
    'password eq "x"',
    'nickName eq "x"',
    'groups eq "x"',
    '__proto__ eq "x"',
    "constructor pr",
    "toString pr",
    'emails.__proto__ eq "x"',
    'urn:example:2.0:User:title eq "x"',
    "userName eq {}",
    "userName eq []",
    "userName eq [1]",
  ])("%j", (filter) => expect(refused(filter)).toBe("invalidFilter"));

  it("of users where it is of groups", () => {
    expect(refused('members eq "u-1"')).toBe("invalidFilter");
    expect(refusalOf(() => parseFilter(groupType, 'userName eq "x"'))).toBe("invalidFilter");
  });
});

describe("the bounds of a filter", () => {
  const ofBytes = (bytes: number) => `title eq "${"x".repeat(bytes - 'title eq ""'.length)}"`;
  const ofDepth = (depth: number) => `${"(".repeat(depth)}title pr${")".repeat(depth)}`;
  const ofTerms = (terms: number) => Array(terms).fill("title pr").join(" or ");

  it.each([
    ["4 KB", ofBytes(4096), ofBytes(4097)],
    ["4 KB in UTF-8", `title eq "${"é".repeat(2042)}"`, `title eq "${"é".repeat(2043)}"`],
    ["10 brackets in one another", ofDepth(10), ofDepth(11)],
    ["10 with not", `not (${ofDepth(9)})`, `not (${ofDepth(10)})`],
    ["10 with those of values", "(((((((((emails[type pr])))))))))", "((((((((((emails[type pr]))))))))))"],
    ["64 comparisons", ofTerms(64), ofTerms(65)],
  ])("%s are read, and one more is refused", (_, fine, over) => {
    expect(refused(fine)).toBeUndefined();
    expect(refused(over)).toBe("invalidFilter");
  });
});

it("says what a filter asks for, unless that may be a secret in the wrong place", () => {
  const detailOf = (filter: string) => detailFrom(() => parseFilter(userType, filter));
  expect(detailOf('nickName eq "x"')).toContain("nickName");
  expect(detailOf('sk_live_5Ab39xQ8ZZqpTT11 eq "x"')).not.toContain("sk_live_5Ab39xQ8ZZqpTT11");
  expect(detailOf('userName eq "hunter2')).not.toContain("hunter2");
});

const piece = fc.constantFrom(
  ...[
    "(",
    ")",
    "[",
    "]",
    " and ",
    " or ",
    "not ",
    "not (",
    " eq ",
    " pr",
    ' "x"',
    '"',
    "\\",
    ".value",
    "null",
  ],
  ...[
    "userName",
    "emails",
    "type",
    "emails[type",
    "active",
    " true",
    "meta.created",
    " gt ",
    "urn:",
    ":",
    " 1e9",
  ],
);

it("answers any text by a filter or by invalidFilter, and a filter by yes or no", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(piece, { maxLength: 40 }).map((all) => all.join("")),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  let read = 0;
  fc.assert(
    fc.property(text, (filter) => {
      const refusal = refused(filter);
      expect([undefined, "invalidFilter"]).toContain(refusal);
      if (refusal !== undefined) return;
      read += 1;
      expect(typeof matches(parseFilter(userType, filter), sampleUser)).toBe("boolean");
    }),
    { numRuns: 3000, examples: [["userName pr"], ['emails[type eq "work"] or not (active eq true)']] },
  );
  expect(read).toBeGreaterThan(1);
});

it("takes no longer for texts that are made to be slow", () => {
  const texts = [
    '"'.padEnd(4000, "\\"),
    "a".repeat(4000),
    "(".repeat(4000),
    "urn:a:".padEnd(4000, "a:"),
    `${"urn:a:".padEnd(3990, ".")} pr`,
  ];
  const began = performance.now();
  for (const text of texts) refused(text);
  expect(performance.now() - began).toBeLessThan(500);
});

type Expression = { text: string; value: boolean };

const leaf = fc.constantFrom<Expression>(
  { text: "title pr", value: true },
  { text: "userType pr", value: false },
  { text: 'userName eq "ada@example.com"', value: true },
  { text: 'emails[type eq "fax"]', value: false },
);
const { expression } = fc.letrec<{ expression: Expression; group: Expression }>((tie) => ({
  group: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({ of: tie("expression"), not: fc.boolean() }).map(({ of, not }) => ({
      text: `${not ? "not " : ""}(${of.text})`,
      value: not !== of.value,
    })),
  ),
  // No brackets between, so that only the order of binding can give the value.
  expression: fc
    .array(fc.array(tie("group"), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((alternatives) => ({
      text: alternatives.map((all) => all.map(({ text }) => text).join(" and ")).join(" or "),
      value: alternatives.some((all) => all.every(({ value }) => value)),
    })),
}));

it("binds not before and, and that before or, in brackets of any depth", () => {
  fc.assert(
    fc.property(expression, ({ text, value }) => {
      fc.pre(text.length < 4096 && refused(text) === undefined);
      expect(matches(parseFilter(userType, text), sampleUser)).toBe(value);
    }),
  );
});
