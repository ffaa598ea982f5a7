import { expect, test } from "vitest";
import { call, GROUP } from "../providers/call.ts";
import type { Interception, RecordedRequest } from "../providers/provider.ts";
import type { Switches } from "../providers/quirky-switches.ts";
import { expectMembers, givenQuirky, lastEventOf } from "../support/quirks.ts";
import {
  detailsOf,
  eventTypesOf,
  forget,
  givenProvisioned,
  newId,
  requestLines,
  scimError,
  useUsher,
} from "../support/steps.ts";

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
    expect((await usher.call("PUT", group.path, group.body)).body).toMatchObject({
      action: "adopted",
      state: "in_sync",
      members: { added: 0, removed: 1 },
    });
    await expectMembers(usher, provider, integration, [userId]);
    const event = await lastEventOf(usher, `groupId=${groupId}`);
    expect(event).toMatchObject({ success: true, members_removed: [other.userId] });
    expect(detailsOf(event)).toContain("refused the creation; a lookup found the group");
    expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual(["group_update_provision"]);
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
    expect(requestLines(group.provider)).toEqual(["GET /Groups", "POST /Groups", "GET /Groups"]);
    expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).toEqual(["!group_create_provision"]);
  },
);
