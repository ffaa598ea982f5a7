import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffAgainstRemote, diffAttributes, keptElements } from "../../shared/mapping/diff-attributes.ts";
import { mapUser } from "../../shared/mapping/map-user.ts";
import type { AttributeChange, Attributes } from "../../shared/model/attributes.ts";
import type { JsonValue } from "../../shared/model/json.ts";
import { attributes, directoryUser, mappingRows } from "./arbitraries.ts";

const apply = (before: Attributes, changes: AttributeChange[]): Attributes => {
  const after = new Map(Object.entries(before));
  for (const { path, to } of changes) {
    if (to === undefined) after.delete(path);
    else after.set(path, to);
  }
  return Object.fromEntries(after);
};

/** The same value, written another way: keys and complex elements reversed, absent values spelled out. */
const rewritten = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) {
    const isComplex = value.every((one) => typeof one === "object" && one !== null);
    return isComplex ? value.map(rewritten).toReversed() : value;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries([
    ["absent", null],
    ...Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, rewritten(one)]),
  ]);
};

describe("diffAttributes", () => {
  it("finds nothing between equals", () => {
    fc.assert(
      fc.property(attributes, (one) => void expect(diffAttributes(one, structuredClone(one))).toEqual([])),
    );
  });

  it("leads from before to after, and back", () => {
    fc.assert(
      fc.property(attributes, attributes, (before, after) => {
        const changes = diffAttributes(before, after);
        expect(diffAttributes(apply(before, changes), after)).toEqual([]);
        const back = diffAttributes(after, before);
        expect(back).toEqual(
          changes.map(({ path, from, to }) => ({
            path,
            ...(to === undefined ? {} : { from: to }),
            ...(from === undefined ? {} : { to: from }),
          })),
        );
      }),
    );
  });

  it("holds no change that could be left out, and sorts them", () => {
    fc.assert(
      fc.property(attributes, attributes, (before, after) => {
        const changes = diffAttributes(before, after);
        expect(changes.map(({ path }) => path)).toEqual(changes.map(({ path }) => path).toSorted());
        for (const left of changes) {
          const others = changes.filter((change) => change !== left);
          expect(diffAttributes(apply(before, others), after)).toEqual([left]);
        }
      }),
    );
  });

  it("does not see the order of keys and complex elements, nor values that mean absent", () => {
    fc.assert(
      fc.property(attributes, (one) => {
        const other = rewritten({
          ...one,
          nothing: null,
          none: [],
          blank: "",
          hollow: [{ value: null }],
        }) as Attributes;
        expect(diffAttributes(one, other)).toEqual([]);
        expect(diffAttributes(other, one)).toEqual([]);
      }),
    );
  });

  it("says from and to, and leaves out what there is not", () => {
    const before = { title: "Analyst", active: true, nickName: "A", phoneNumbers: [] };
    const after = { title: "Engineer", active: false, nickName: null, phoneNumbers: [{ value: "1" }] };
    expect(diffAttributes(before, after)).toEqual([
      { path: "active", from: true, to: false },
      { path: "nickName", from: "A" },
      { path: "phoneNumbers", to: [{ value: "1" }] },
      { path: "title", from: "Analyst", to: "Engineer" },
    ]);
  });

  it.each<[JsonValue, JsonValue]>([
    ["Ada", "ada"],
    ["1", 1],
    ["true", true],
    [
      ["a", "b"],
      ["b", "a"],
    ],
    [[{ value: "a" }], [{ value: "a" }, { value: "b" }]],
    [[{ value: "a", primary: true }], [{ value: "a" }]],
    [false, null],
  ])("sees a difference between %j and %j", (from, to) => {
    expect(diffAttributes({ nickName: from }, { nickName: to })).toHaveLength(1);
  });

  it("sees no difference where an element is there twice", () => {
    const email = { type: "work", value: "ada@example.com", primary: true };
    expect(diffAttributes({ emails: [email, email] }, { emails: [email] })).toEqual([]);
    expect(diffAttributes({ emails: [email] }, { emails: [email, email] })).toEqual([]);
  });

  it("sees no difference where absent elements or sub-attributes are beside it", () => {
    const email = { type: "work", value: "ada@example.com" };
    expect(diffAttributes({ emails: [email, null] }, { emails: [{ ...email, display: "" }] })).toEqual([]);
    expect(diffAgainstRemote({ emails: [email] }, { emails: [{ ...email, display: "" }] })).toEqual([]);
  });

  it("keeps the order of a list that is not of objects alone", () => {
    const mixed = ["b", { value: "a" }];
    expect(diffAttributes({ nickName: mixed }, { nickName: mixed.toReversed() })).toHaveLength(1);
  });

  it("is not fooled by names that every object has", () => {
    expect(diffAttributes({}, { constructor: "x" } as unknown as Attributes)).toEqual([
      { path: "constructor", to: "x" },
    ]);
  });
});

describe("diffAgainstRemote", () => {
  const email = { type: "work", value: "ada@example.com", primary: true };

  it.each<[string, Attributes, Attributes]>([
    ["what the provider has beyond it", { userName: "a", nickName: "x" }, { userName: "a" }],
    ["wanted values that are absent", { title: "x" }, { title: null, emails: [], nickName: "" }],
    ["case of userName", { userName: "Ada@Example.com" }, { userName: "ada@example.com" }],
    [
      "case of e-mail, and what servers add",
      { emails: [{ display: "x", ...email, value: "ADA@example.com" }] },
      { emails: [email] },
    ],
    [
      "further elements",
      { emails: [{ value: "b@example.com", primary: false }, email] },
      { emails: [email] },
    ],
    [
      "booleans as text",
      { active: "True", emails: [{ ...email, primary: "true" }] },
      { active: true, emails: [email] },
    ],
    ["false as text", { active: "False" }, { active: false }],
    ["a type that is not shown", { emails: [{ value: email.value, primary: true }] }, { emails: [email] }],
    ["primary that is not shown", { emails: [{ value: "a" }] }, { emails: [{ value: "a", primary: false }] }],
  ])("does not count %s", (_, remote, desired) => {
    expect(diffAgainstRemote(remote, desired)).toEqual([]);
  });

  it.each<[string, JsonValue | undefined, JsonValue]>([
    ["title", "analyst", "Analyst"],
    ["userName", "ada@example.com", "bob@example.com"],
    ["userName", 7, "7"],
    ["emails", [{ ...email, value: "bob@example.com" }], [email]],
    ["active", undefined, false],
    ["active", undefined, true],
    ["active", "False", true],
    ["active", "no", false],
    ["emails", [{ ...email, type: "home" }], [email]],
    ["emails", [{ ...email, primary: "False" }], [email]],
    ["emails", [{ value: "ada@example.com" }], [email]],
    ["emails", "ada@example.com", [email]],
    ["emails", [email], [email, { type: "home", value: "b@example.com" }]],
    ["phoneNumbers", [{ type: "Work", value: "1" }], [{ type: "work", value: "1" }]],
    ["constructor", undefined, "x"],
  ])("counts %s: %j is not %j", (path, remote, desired) => {
    const held = remote === undefined ? {} : { [path]: remote };
    const change = { path, ...(remote === undefined ? {} : { from: remote }), to: desired };
    expect(diffAgainstRemote(held, { [path]: desired } as Attributes)).toEqual([change]);
  });

  it("finds nothing in an account that holds the very mapping, dressed up by the server", () => {
    fc.assert(
      fc.property(directoryUser, mappingRows, (user, rows) => {
        const result = mapUser({ alternateEmail: "alt@example.com", ...user }, "u", rows, {});
        if ("missing" in result) throw new Error(JSON.stringify(result.missing));
        const dressed = Object.entries(result.attributes).map(([path, value]): [string, JsonValue] => {
          if (typeof value === "boolean") return [path, value ? "True" : "False"];
          if (path === "userName") return [path, String(value).toUpperCase()];
          return [path, Array.isArray(value) ? (rewritten(value) as JsonValue) : value];
        });
        expect(
          diffAgainstRemote({ ...Object.fromEntries(dressed), locale: "de" }, result.attributes),
        ).toEqual([]);
        expect(diffAgainstRemote({}, result.attributes).map(({ path }) => path)).toEqual(
          Object.keys(result.attributes).toSorted(),
        );
      }),
    );
  });
});

it.each<[string, JsonValue, JsonValue[]]>([
  ["nothing where the new elements alone are shown", [{ type: "work", value: "2", display: "2" }], []],
  [
    "what was to go, whatever the provider added to it",
    [
      { type: "work", value: "2" },
      { type: "home", value: "1", display: "1" },
    ],
    [{ type: "home", value: "1", display: "1" }],
  ],
  ["nothing of others", [{ type: "mobile", value: "3" }], []],
  ["nothing where no list is shown", "1", []],
])("of a list that was replaced, %s is kept", (_, shown, kept) => {
  const change = {
    path: "phoneNumbers",
    from: [{ type: "home", value: "1" }],
    to: [{ type: "work", value: "2" }],
  };
  expect(keptElements(change, shown)).toEqual(kept);
});
