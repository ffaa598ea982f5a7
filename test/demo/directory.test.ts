import { describe, expect, it } from "vitest";
import directory from "../../infra/demo/directory.json" with { type: "json" };
import { mapUser } from "../../shared/mapping/map-user.ts";
import { directoryUserSchema, groupIdSchema, userIdSchema } from "../../shared/model/directory.ts";

const users = new Map(
  Object.entries(directory.users).map(([userId, user]) => [userId, directoryUserSchema.parse(user)]),
);
const groups: { name: string; members: string[] }[] = Object.values(directory.groups);
const groupsOf = (userId: string) =>
  groups.filter(({ members }) => members.includes(userId)).map(({ name }) => name);

describe("the sample directory", () => {
  it("has 50 people, each with an id and a mapping", () => {
    expect(users.size).toBe(50);
    for (const [userId, user] of users) {
      expect(userIdSchema.parse(userId)).toBe(userId);
      expect(mapUser(user, userId, [], {})).toHaveProperty("attributes");
    }
  });

  it("has 8 groups of different names, whose members it knows, each once", () => {
    expect(Object.keys(directory.groups).map((groupId) => groupIdSchema.parse(groupId))).toHaveLength(8);
    expect(new Set(groups.map(({ name }) => name)).size).toBe(8);
    for (const { members } of groups) {
      expect(members.filter((userId) => !users.has(userId))).toEqual([]);
      expect(new Set(members).size).toBe(members.length);
    }
  });

  it("has managers of its own, and nobody who manages themselves, however far up", () => {
    for (const userId of users.keys()) {
      const above = new Set<string>();
      for (let at = users.get(userId)?.manager; at !== undefined; at = users.get(at)?.manager) {
        expect(users.has(at)).toBe(true);
        expect(above.has(at) || at === userId).toBe(false);
        above.add(at);
      }
    }
  });

  it("has an address for each person that is theirs alone whatever its case, all at example.com", () => {
    const addresses = [...users.values()].map(({ email }) => email.toLowerCase());
    expect(new Set(addresses).size).toBe(50);
    expect(addresses.filter((address) => !address.endsWith("@example.com"))).toEqual([]);
    expect([...users.values()].filter(({ email }) => email !== email.toLowerCase())).toHaveLength(2);
  });

  it("has the cases that the demo shows", () => {
    const people = [...users.values()];
    expect(people.filter(({ state }) => state === "STAGED")).toHaveLength(1);
    expect(people.filter(({ suspended }) => suspended === true)).toHaveLength(1);
    expect(groups.filter(({ members }) => members.length === 0)).toHaveLength(1);
    expect(groups.filter(({ members }) => members.length === 1)).toHaveLength(1);
    const heldByOne = [...users.keys()].filter((userId) => groupsOf(userId).length === 1);
    expect(heldByOne.map((userId) => [userId, groupsOf(userId)])).toEqual([
      ["rosa.quispe", ["Production databases"]],
    ]);
  });
});
