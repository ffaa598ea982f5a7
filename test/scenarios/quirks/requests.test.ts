import { expect, test } from "vitest";
import { quirkyProfiles } from "../../providers/quirky/profiles.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { givenQuirky } from "../../support/quirks.ts";
import {
  activation,
  aPerson,
  eventTypesOf,
  expectOk,
  forget,
  givenProvider,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const withToken = { overrides: { authorizationTemplate: "Token token={clientSecret}" } };
const awkward = { awkwardIds: true, contentTypeJson: true };
test.each<[string, Switches, object]>([
  ["takes its id from us and knows users alone (GitLab)", quirkyProfiles.gitlab, { profile: "gitlab" }],
  ["has SCIM 1.1's errors and no discovery (Slack)", quirkyProfiles.slack, { profile: "slack" }],
  ["wants a User-Agent (GitHub)", quirkyProfiles["github-emu"], { profile: "github-emu" }],
  ["wants Token and not Bearer (PagerDuty)", { tokenScheme: true }, withToken],
  ["takes quoted values alone (Salesforce)", { quotedFilterOnly: true }, {}],
  ["says application/json (Zoom)", awkward, { overrides: { contentType: "application/json" } }],
  ["says the opposite of what it can do", { discoveryLies: true }, {}],
  ["has numbers for ids", { numericIds: true, numericStatus: true }, {}],
  ["has no Location and answers 204", { noLocation: true, patchAnswers204: true }, {}],
])("a user is made, changed, suspended and deleted at a provider that %s", async (_, switches, fields) => {
  const { provider, user, userId, path } = await givenQuirky(usher, switches, fields);
  const made = await usher.call("PUT", path, user);
  expect(made.body).toMatchObject({ action: "created", state: "in_sync", active: true });
  expect(await provider.users()).toMatchObject([{ id: made.body.remoteId }]);
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Engineer" })).body.action).toBe("updated");
  expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
  const suspended = await usher.call("PUT", path, { ...user, suspended: true });
  expect(suspended.body).toMatchObject({ action: "deprovisioned", state: "in_sync" });
  expect(await provider.users()).toMatchObject([{ active: false }]);
  expectOk(await usher.call("DELETE", `${path}?action=delete`));
  expect((await eventTypesOf(usher, `userId=${userId}`)).filter((type) => type.startsWith("!"))).toEqual([]);
});

test("a slash at the end of the base URL is not sent, where it would be another path", async () => {
  const provider = await givenProvider(() => startQuirky({ switches: { noTrailingSlash: true } }));
  const { status, body } = await usher.call("POST", "/integrations", {
    ...activation(provider),
    baseUrl: `${provider.baseUrl}/`,
  });
  expect([status, body.baseUrl]).toEqual([201, provider.baseUrl]);
  const { userId, user } = aPerson();
  const made = await usher.call("PUT", `/integrations/${body.integrationId}/users/${userId}`, user);
  expect(made.body).toMatchObject({ action: "created" });
});

test("the id that a provider makes of ours is found again after the link is gone", async () => {
  const { provider, user, userId, path } = await givenQuirky(usher, quirkyProfiles.gitlab, {
    profile: "gitlab",
  });
  provider.addUser({ userName: "their-name", externalId: userId });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "adopted", remoteId: userId });
  expect(await provider.users()).toHaveLength(1);
});

test.each<[string, Switches]>([
  ["a 429 with Retry-After", { rateLimit: { burst: 1, seconds: 1 } }],
  ["a 500 that was meant to be a 429", { rateLimit: { burst: 1, seconds: 1 }, rateLimitIs500: true }],
])("%s holds a change back and fails nobody", async (_, switches) => {
  // Each write finds the provider's clock 400 ms on: the second is too early, its repeat is not.
  let time = 0;
  const now = () => (time += 400);
  const { provider, user, userId, path } = await givenQuirky(usher, switches, {}, { now });
  expectOk(await usher.call("PUT", path, user));
  forget(provider);
  const { body } = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(writes(provider)).toHaveLength(2);
  expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_update_provision",
  ]);
});

test("the words of an error of SCIM 1.1 are told", async () => {
  const { user, path } = await givenQuirky(usher, { errorsArray: true, requiredAttributes: ["nickName"] });
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("nickName is required");
});

test("nothing but users and groups is asked for: no bulk, no search, and discovery at the test alone", async () => {
  const provider = await givenProvider(() => startQuirky({ switches: {} }));
  const { body } = await usher.call("POST", "/integrations", activation(provider));
  const { userId, user } = aPerson();
  const path = `/integrations/${body.integrationId}`;
  expectOk(await usher.call("PUT", `${path}/users/${userId}`, user));
  expectOk(await usher.call("PUT", `${path}/groups/group-of-${userId}`, { name: "Ops", members: [userId] }));
  expect(requestLines(provider).filter((line) => !/^[A-Z]+ \/(Users|Groups)\b/.test(line))).toEqual([
    "GET /ServiceProviderConfig",
  ]);
});
