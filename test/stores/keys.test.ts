import { expect, test } from "vitest";
import * as keys from "../../shared/aws/table/keys.ts";

const ids = { integrationId: "i-1", id: "o-1" };
const made: Record<string, { pk: string }> = {
  integration: keys.integrationKey("i-1"),
  user: keys.userKey("u-1"),
  group: keys.groupKey("g-1"),
  "link of a user": keys.linkKey("user", ids),
  "link of a group": keys.linkKey("group", ids),
  member: keys.memberKey("g-1", "u-1"),
  "plan of a change": keys.planKey("g-1", 1, 0),
  membership: keys.membershipKey("u-1", "g-1"),
  change: keys.changeKey("g-1", 1, "u-1"),
  pushed: keys.pushedKey("i-1", "g-1", "u-1"),
  pending: keys.pendingKey("i-1", "g-1", "u-1"),
  claim: keys.claimKey("i-1", "user", "r-1"),
  rate: keys.rateKey({ integrationId: "i-1", version: 1 }),
  guard: keys.guardKey("i-1"),
  hold: keys.holdKey("i-1", "h-1"),
  origin: keys.originKey("i-1", "somebody"),
  "held item": keys.heldItemKey("i-1", "h-1", { userId: "u-1" }),
  "held account": keys.heldObjectKey("i-1", { userId: "u-1" }),
  "held member": keys.heldObjectKey("i-1", { userId: "u-1", groupId: "g-1" }),
  idempotency: keys.idempotencyKey("hash"),
  workers: keys.workersKey("i-1"),
  job: keys.jobKey("one"),
  "job of an integration": keys.integrationJobKey("i-1", "sync", "j-1", 1),
  "open job": keys.openJobKey("i-1"),
  "item of a job": keys.jobItemKey("i-1", "j-1", "R#1"),
  target: keys.targetKey("hash"),
  "head of notices": keys.noticeHeadKey,
  "page of notices": keys.noticePageKey("failed", "i-1", 0),
  source: keys.sourceKey("s-1"),
  "status of a source": keys.sourceStatusKey("s-1"),
  token: keys.tokenKey("hash"),
  name: keys.nameKey("s-1", "userName", "ada@example.com"),
  "owned object": keys.ownedKey("s-1", "user", "u-1"),
  "waiting member": keys.waitingKey("s-1", "u-1", "g-1"),
  conflict: keys.conflictKey("s-1", "user", "ada@example.com"),
  username: keys.usernameKey("u-1"),
};

/** Every function of the file that makes a key of the table, and not of an index. */
const makers = Object.keys(keys).filter(
  (name) =>
    name.endsWith("Key") && !["emailKey", "attemptKey", "changedKey", "traceKey", "workKey"].includes(name),
);

test("the keys that this file knows are all there are", () => {
  // Links, and what is held, are of two kinds each.
  expect(Object.keys(made)).toHaveLength(makers.length + 2);
});

test.each(Object.entries(made))("the key of a %s is of one kind of items", (_name, { pk }) => {
  const fits = (pattern: string) =>
    pattern.endsWith("*") ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern;
  const kinds = Object.entries(keys.partitionsOf).filter(([, patterns]) => patterns.some(fits));
  expect(kinds.map(([kind]) => kind)).toHaveLength(1);
});
