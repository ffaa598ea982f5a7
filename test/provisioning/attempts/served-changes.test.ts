import { expect, test } from "vitest";
import type { SavedGroup, SavedUser } from "../../../shared/model/directory.ts";
import type { ChangeTime } from "../../../shared/model/directory-change.ts";
import { servedOfGroup, servedOfUser } from "../../../shared/provisioning/attempts/served-changes.ts";
import { makeUser } from "../../stores/samples.ts";

const at = (minute: number): number => Date.UTC(2026, 10, 5, 9, minute);
const iso = (minute: number): string => new Date(at(minute)).toISOString();
/** Changes after versions `first`, `first + 1` and so on, a minute each. */
const changes = (first: number, ...closes: boolean[]): ChangeTime[] =>
  closes.map((isClosing, n) => ({
    after: first + n,
    at: at(first + n),
    ...(isClosing && { closes: true as const }),
  }));

const user = (version: number, recent?: ChangeTime[]): SavedUser => ({
  userId: "ada",
  user: makeUser(),
  version,
  deleted: false,
  updatedAt: iso(0),
  ...(recent && { recent }),
});
const group = (version: number, recent?: ChangeTime[]): SavedGroup => ({
  groupId: "eng",
  name: "Eng",
  version,
  updatedAt: iso(0),
  ...(recent && { recent }),
});
const unserved = { since: iso(1), requests: 2 };

test.each<[string, SavedUser, { version?: number; unserved?: typeof unserved }, boolean, object | undefined]>(
  [
    [
      "changes since it was considered",
      user(6, changes(3, false, false, false)),
      { version: 4 },
      false,
      { since: iso(4), requests: 2 },
    ],
    [
      "more changes than are kept",
      user(9, changes(6, false, false, false)),
      { version: 2 },
      false,
      { since: iso(6), requests: 7 },
    ],
    ["no change since", user(6, changes(3, false, false, false)), { version: 6 }, false, undefined],
    [
      "what a failed attempt left",
      user(6, changes(3, false, false, false)),
      { version: 6, unserved },
      false,
      unserved,
    ],
    [
      "that and what came since",
      user(6, changes(3, false, false, false)),
      { version: 5, unserved },
      false,
      { since: iso(1), requests: 3 },
    ],
    [
      "a closing and what came after it",
      user(7, changes(3, false, true, false, false)),
      { version: 3, unserved },
      true,
      { since: iso(4), requests: 3 },
    ],
    [
      "a closing that failed before",
      user(6, changes(3, false, true, false)),
      { version: 5, unserved },
      true,
      { since: iso(1), requests: 3 },
    ],
    [
      "the last of two closings",
      user(6, changes(3, true, false, true)),
      { version: 3 },
      true,
      { since: iso(5), requests: 1 },
    ],
    ["a user who was never considered", user(1, changes(0, false)), {}, false, undefined],
    ["a user that version 0.1 saved", user(4), { version: 2 }, false, undefined],
  ],
)("a user's attempt serves %s", (_, saved, observed, isClosing, serves) => {
  expect(servedOfUser(saved, observed, isClosing)).toEqual(serves);
});

const bound = { bound: true };
const asked = { by: { type: "admin", id: "ada" }, at: iso(4), correlation: { id: "c", type: "request" } };

test.each<[string, SavedGroup, Parameters<typeof servedOfGroup>[1], object | undefined]>([
  [
    "changes since it was pushed",
    group(6, changes(3, false, false, false)),
    { assignment: bound, observed: { attempts: 1, version: 4 } },
    { since: iso(4), requests: 2 },
  ],
  [
    "changes, whatever versions were given up between them",
    group(9, [
      { after: 4, at: at(4) },
      { after: 7, at: at(7) },
    ]),
    { assignment: bound, observed: { attempts: 1, version: 4 } },
    { since: iso(4), requests: 2 },
  ],
  [
    "its binding",
    group(3, changes(1, false, false)),
    { assignment: { ...bound, asked }, observed: { attempts: 0 } },
    { since: iso(4), requests: 1 },
  ],
  [
    "its binding and what came after it",
    group(7, changes(3, false, false, false, false)),
    { assignment: { ...bound, asked }, observed: { attempts: 0 } },
    { since: iso(4), requests: 3 },
  ],
  ["a binding of version 0.1", group(3), { assignment: bound, observed: { attempts: 0 } }, undefined],
])("a group's attempt serves %s", (_, saved, link, serves) => {
  expect(servedOfGroup(saved, link)).toEqual(serves);
});
