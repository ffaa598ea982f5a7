import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import type { Interception, RecordedRequest } from "../../providers/provider.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirky, lastEventOf } from "../../support/quirks.ts";
import {
  bindReplacing,
  detailsOf,
  eventsOf,
  eventTypesOf,
  forget,
  givenProvisioned,
  givenSaved,
  newId,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A member who is there, and a group that is to be created, with what it is told of it. */
const given = async (switches: Switches = {}) => {
  const { provider, integration } = await givenQuirky(usher, switches);
  const { userId, remoteId } = await givenProvisioned(usher, provider, integration);
  const groupId = newId("group");
  const body = { name: groupId, members: [userId] };
  return {
    provider,
    integration,
    userId,
    remoteId,
    groupId,
    body,
    path: `${integration.path}/groups/${groupId}`,
  };
};

type Given = Awaited<ReturnType<typeof given>>;

const isCreation = ({ method, path }: RecordedRequest) => method === "POST" && path === "/Groups";
const isLookup = ({ method, path }: RecordedRequest) => method === "GET" && path === "/Groups";
const none = { status: 200, body: JSON.stringify({ totalResults: 0, Resources: [] }) };

/** What the first so many of these requests meet. */
const first = (count: number, wanted: (request: RecordedRequest) => boolean, trouble: Interception) => {
  let met = 0;
  return (request: RecordedRequest): Interception =>
    wanted(request) && ++met <= count ? trouble : undefined;
};

/** When each was sent. */
const creationsAt = ({ provider }: Given) => provider.requests.filter(isCreation).map(({ at }) => at);

/** Made by somebody else between lookup and creation: the first lookup does not see it. */
const existing = async ({ provider, groupId }: Given, memberIds: string[]): Promise<void> => {
  const members = memberIds.map((value) => ({ value }));
  await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: groupId, members });
  forget(provider);
  provider.intercept = first(1, isLookup, none);
};

test.each<409 | 400>([409, 400])(
  "a group that the creation finds there (%i) is taken over: its members are read, and who is none goes",
  async (duplicateAnswers) => {
    const group = await given({ duplicateAnswers, duplicatesMembersOnReAdd: true });
    const { provider, integration, userId, remoteId, groupId } = group;
    const other = await givenProvisioned(usher, provider, integration);
    await existing(group, [remoteId, other.remoteId]);
    expect((await bindReplacing(usher, group.path, group.body, 1)).body).toMatchObject({
      action: "adopted",
      state: "in_sync",
      members: { added: 0, removed: 1 },
    });
    await expectMembers(usher, provider, integration, [userId]);
    const event = await lastEventOf(usher, `groupId=${groupId}`);
    expect(event).toMatchObject({ success: true, members_removed: [other.userId] });
    const [met] = await eventsOf(usher, `groupId=${groupId}`);
    expect(detailsOf(met)).toContain("refused the creation; a lookup found the group");
    // It was met by the attempt alone, which took nobody out.
    expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual([
      "!group_update_provision",
      "group_update_provision",
    ]);
  },
);

test.each([409, 400, 403])(
  "a creation that is refused (%i) and hides no group fails in the provider's words",
  async (status) => {
    const group = await given();
    group.provider.intercept = (request) =>
      isCreation(request) ? scimError(status, "No more groups.") : undefined;
    const { body } = await usher.call("PUT", group.path, group.body);
    expect(body).toMatchObject({
      code: "provider-rejected",
      detail: expect.stringContaining("No more groups."),
    });
    // Behind a conflict that the filter does not explain, the list is read.
    const list = status === 409 ? ["GET /Groups"] : [];
    expect(requestLines(group.provider)).toEqual(["GET /Groups", "POST /Groups", "GET /Groups", ...list]);
    expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).toEqual(["!group_create_provision"]);
  },
);

test.each<[string, Interception, string[]]>([
  // What may have been made under a name that the filter does not find is looked for in the list.
  ["503", scimError(503, "Busy."), ["GET /Groups"]],
  ["425", scimError(425, "Too early."), []],
  ["a lost connection", "drop-before", ["GET /Groups"]],
])(
  "a group whose creation meets %s is looked up and, since it is not there, created again",
  async (_, trouble, list) => {
    const group = await given();
    group.provider.intercept = first(2, isCreation, trouble);
    expect((await usher.call("PUT", group.path, group.body)).body).toMatchObject({
      action: "created",
      state: "in_sync",
    });
    const round = ["POST /Groups", "GET /Groups", ...list];
    const lines = ["GET /Groups", ...round, ...round, "POST /Groups"];
    expect(requestLines(group.provider).slice(0, lines.length)).toEqual(lines);
    await expectMembers(usher, group.provider, group.integration, [group.userId]);
    expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).toEqual(["group_create_provision"]);
  },
);

test("a group whose creation was carried out before the connection was lost is not created twice", async () => {
  const group = await given({ allowsDuplicates: true });
  group.provider.intercept = first(1, isCreation, "drop-after");
  expect((await usher.call("PUT", group.path, group.body)).body).toMatchObject({ action: "created" });
  expect(creationsAt(group)).toHaveLength(1);
  await expectMembers(usher, group.provider, group.integration, [group.userId]);
});

test("a group is created again only after the time that the provider asks for", async () => {
  const group = await given();
  group.provider.intercept = first(1, isCreation, scimError(503, "Busy.", { "retry-after": "1" }));
  expect((await usher.call("PUT", group.path, group.body)).body).toMatchObject({ action: "created" });
  const [early = 0, late = 0] = creationsAt(group);
  expect(late - early).toBeGreaterThanOrEqual(1_000);
});

test.each([
  ["three times", {}, 3],
  ["once, where the provider asks for more time than there is", { "retry-after": "60" }, 1],
])("a creation of a group that stays unanswered is sent %s", async (_, headers, times) => {
  const group = await given();
  group.provider.intercept = (request) =>
    isCreation(request) ? scimError(503, "Busy.", headers) : undefined;
  const answer = await usher.call("PUT", group.path, group.body);
  expect(answer).toMatchObject({ status: 202, body: { state: "retrying" } });
  expect(creationsAt(group)).toHaveLength(times);
});

test("a creation of a group that is throttled is not looked up and sent again beyond the repeats of a 429", async () => {
  const group = await given();
  group.provider.intercept = (request) => (isCreation(request) ? scimError(429, "Slow down.") : undefined);
  expect((await usher.call("PUT", group.path, group.body)).status).toBe(202);
  expect(creationsAt(group)).toHaveLength(4);
});

test.each([403, 500])(
  "a group that is created, and whose members are answered %i, is told as created and as a failed update",
  async (status) => {
    const { provider, integration } = await givenQuirky(usher, {});
    const members = await givenSaved(usher, 2);
    const groupId = newId("group");
    const path = `${integration.path}/groups/${groupId}`;
    provider.intercept = ({ method, path: to }) =>
      method === "PATCH" && to.startsWith("/Groups") ? scimError(status, "Not now.") : undefined;
    const { body } = await usher.call("PUT", path, { name: groupId, members });
    expect(body.detail ?? body.reason).toContain("Not now.");
    const [created, failed] = await eventsOf(usher, `groupId=${groupId}`);
    expect(created).toMatchObject({
      event_type: "group_create_provision",
      success: true,
      members_added: [],
      message_chain: { response_code: 201 },
    });
    expect(failed).toMatchObject({
      event_type: "group_update_provision",
      success: false,
      members_added: [],
      message_chain: { response_code: status },
    });
    expect((await usher.call("GET", path)).body).toMatchObject({
      state: status === 500 ? "retrying" : "failed",
      lastEventId: failed?.id,
    });
    provider.intercept = undefined;
    forget(provider);
    expect((await usher.call("PUT", path, { name: groupId })).body).toMatchObject({
      action: "updated",
      state: "in_sync",
      members: { added: 2 },
    });
    expect(provider.requests.filter(({ method }) => method === "POST")).toEqual([]);
    await expectMembers(usher, provider, integration, members);
  },
);
