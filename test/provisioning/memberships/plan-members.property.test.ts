import fc from "fast-check";
import { expect, test } from "vitest";
import type { PushedMember } from "../../../shared/model/link.ts";
import {
  type Account,
  type Candidate,
  isSettled,
  type MemberPlan,
  planMembers,
} from "../../../shared/provisioning/memberships/plan-members.ts";

const remoteIds = fc.constantFrom("r1", "r2");
const trace = { since: "2026-03-01T00:00:00.000Z", by: "admin-1", eventId: "e1" };

/** A user, who may be in the group with the account that the user has, with another one, or not at all. */
const user = fc.record({
  isMember: fc.boolean(),
  isWaiting: fc.boolean(),
  there: fc.option(fc.record({ remoteId: remoteIds, isUnknown: fc.boolean(), isUntold: fc.boolean() }), {
    nil: undefined,
  }),
  account: fc.option(fc.record({ remoteId: remoteIds, isOpen: fc.boolean(), isFound: fc.boolean() }), {
    nil: undefined,
  }),
});
const facts = fc.record({ hasOthers: fc.boolean(), showsMembers: fc.boolean() });
type World = { candidates: Candidate[]; accounts: Map<string, Account> };

const world = fc.array(user, { maxLength: 12 }).map((users): World => {
  const accounts = new Map<string, Account>();
  const candidates = users.map(({ there, account, ...candidate }, at): Candidate => {
    const userId = `u${at}`;
    if (account) accounts.set(userId, account);
    if (!there) return { userId, ...candidate };
    const { remoteId, isUnknown, isUntold } = there;
    const membership: PushedMember = {
      userId,
      remoteId,
      presence: isUnknown ? "unknown" : "in",
      ...(isUnknown && isUntold && { isUntold: true as const }),
      ...trace,
    };
    return { userId, ...candidate, there: membership };
  });
  return { candidates, accounts };
});

const idsOf = (members: { userId: string }[]): string[] => members.map(({ userId }) => userId);
const sentIn = ({ join, verify }: MemberPlan): string[] => idsOf([...join, ...verify]);
const outIn = ({ leave, drop }: MemberPlan): string[] => idsOf([...leave, ...drop]);

const eachPlan = (check: (world: World & { plan: MemberPlan; showsMembers: boolean }) => void): void =>
  fc.assert(
    fc.property(world, facts, (given, group) => {
      const plan = planMembers(given.candidates, given.accounts, group);
      check({ ...given, plan, showsMembers: group.showsMembers });
    }),
    { numRuns: 1_000 },
  );

test("every member is planned once, and everybody who is none and may be there", () => {
  eachPlan(({ candidates, plan }) => {
    const planned = [...sentIn(plan), ...outIn(plan), ...plan.wait, ...plan.keep];
    const expected = candidates.filter(({ isMember, there }) => isMember || there);
    expect(planned.toSorted()).toEqual(idsOf(expected).toSorted());
  });
});

test("nobody is both added and taken out, with one account or two", () => {
  eachPlan(({ plan }) => {
    const out = new Set(outIn(plan));
    expect(sentIn(plan).filter((userId) => out.has(userId))).toEqual([]);
  });
});

test("a user whom the directory does not name, and who may be there, is taken out with the account that is there", () => {
  eachPlan(({ candidates, accounts, plan }) => {
    const leaving = candidates.flatMap(({ isMember, there }) => (isMember || !there ? [] : [there]));
    const hasAccount = ({ userId, remoteId }: PushedMember) => accounts.get(userId)?.remoteId === remoteId;
    expect(plan.leave).toEqual(leaving.filter(hasAccount));
    expect(plan.drop).toEqual(leaving.filter((member) => !hasAccount(member)));
  });
});

test("a member without an open account is never sent", () => {
  eachPlan(({ accounts, plan }) => {
    for (const userId of sentIn(plan)) expect(accounts.get(userId)?.isOpen).toBe(true);
    for (const userId of plan.wait) expect(accounts.get(userId)?.isOpen ?? false).toBe(false);
  });
});

test("a member is sent with the account that the user has", () => {
  eachPlan(({ accounts, plan }) => {
    for (const { userId, remoteId } of [...plan.join, ...plan.verify])
      expect(remoteId).toBe(accounts.get(userId)?.remoteId);
  });
});

test("a member who may be there is looked for first, where the group shows its members, and is never left out", () => {
  eachPlan(({ candidates, accounts, plan, showsMembers }) => {
    const uncertain = candidates.filter(
      ({ userId, isMember, there }) =>
        isMember &&
        accounts.get(userId)?.isOpen &&
        there?.presence === "unknown" &&
        there.remoteId === accounts.get(userId)?.remoteId,
    );
    const lookedFor = new Set(idsOf(showsMembers ? plan.verify : plan.join));
    expect(idsOf(uncertain).filter((userId) => !lookedFor.has(userId))).toEqual([]);
  });
});

test("a settled member is kept, or waits for an account", () => {
  eachPlan(({ candidates, accounts, plan }) => {
    for (const { userId, there } of candidates.filter(isSettled))
      if (accounts.get(userId)?.isOpen && accounts.get(userId)?.remoteId === there?.remoteId)
        expect(plan.keep).toContain(userId);
  });
});

test("once a plan is carried out, the next one sends nothing", () => {
  fc.assert(
    fc.property(world, facts, ({ candidates, accounts }, group) => {
      const plan = planMembers(candidates, accounts, group);
      const next = planMembers(carriedOut(candidates, plan), accounts, group);
      expect({ ...next, wait: [], keep: [] }).toEqual(planMembers([], accounts, group));
      expect(next.wait).toEqual(plan.wait);
    }),
    { numRuns: 1_000 },
  );
});

/** The provider took all that was planned. */
const carriedOut = (candidates: Candidate[], plan: MemberPlan): Candidate[] => {
  const joined = new Map([...plan.join, ...plan.verify].map(({ userId, remoteId }) => [userId, remoteId]));
  const out = new Set(outIn(plan));
  return candidates.map(({ there, ...candidate }) => {
    const remoteId = joined.get(candidate.userId);
    if (out.has(candidate.userId)) return candidate;
    if (remoteId === undefined) return { ...candidate, there };
    return { ...candidate, there: { userId: candidate.userId, remoteId, presence: "in", ...trace } };
  });
};
