import { describe, expect, test } from "vitest";
import { startBetterAuth } from "../../providers/better-auth.ts";
import { call, ENTERPRISE } from "../../providers/call.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  eventsOf,
  eventTypesOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  patchedPaths,
  replicationMs,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

describe.each([
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
  ["better-auth", startBetterAuth],
] as const)("a user in %s", (_, start) => {
  const given = async (fields: object = {}) => {
    const provider = await givenProvider(start);
    return { provider, integration: await givenIntegration(usher, provider, fields) };
  };
  const account = async (provider: { users(): Promise<{ resource: Record<string, unknown> }[]> }) => {
    const users = await provider.users();
    expect(users).toHaveLength(1);
    return users[0]?.resource ?? {};
  };

  test("is created with the e-mail in lower case, looked for under the other spelling too, and a computed displayName", async () => {
    const { provider, integration } = await given();
    const { userId, user } = aPerson({
      jobTitle: "Engineer",
      department: "R&D",
      phoneNumbers: [{ type: "work", number: "+41 44 123 45 67" }],
    });
    const email = user.email;
    const path = `${integration.path}/users/${userId}`;
    const answer = await usher.call("PUT", path, { ...user, email: email.toUpperCase() });
    expect(answer.status).toBe(200);
    const resource = await account(provider);
    expect(answer.body).toEqual({
      integrationId: integration.integrationId,
      userId,
      action: "created",
      state: "in_sync",
      remoteId: resource.id,
      active: true,
      eventIds: [expect.any(String)],
    });
    expect(requestLines(provider)).toEqual(["GET /Users", "GET /Users", "POST /Users"]);
    expect(resource).toMatchObject({
      userName: email,
      displayName: `${user.firstname} ${user.lastname}`,
      name: { givenName: user.firstname, familyName: user.lastname },
      active: true,
      title: "Engineer",
    });
    expect(provider.requests[2]?.body).toMatchObject({
      externalId: userId,
      emails: [{ value: email, type: "work", primary: true }],
      phoneNumbers: [{ type: "work", value: "+41 44 123 45 67" }],
      [ENTERPRISE]: { department: "R&D" },
    });
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_create_provision"]);
  });

  test("that has not changed costs no request and leaves no event", async () => {
    const { provider, integration } = await given();
    const { path, user, userId, remoteId } = await givenProvisioned(usher, provider, integration);
    for (const body of [user, undefined]) {
      const answer = await usher.call("PUT", path, body);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ action: "unchanged", state: "in_sync", remoteId, eventIds: [] });
    }
    expect(provider.requests).toEqual([]);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_create_provision"]);
  });

  test("that has changed costs one PATCH of the changed paths alone", async () => {
    const { provider, integration } = await given();
    const { path, user, userId, remoteId } = await givenProvisioned(usher, provider, integration, {
      jobTitle: "A",
    });
    const answer = await usher.call("PUT", path, { ...user, jobTitle: "B", costCenter: "42" });
    expect(answer.body).toMatchObject({ action: "updated", state: "in_sync", active: true });
    expect(requestLines(provider)).toEqual([`PATCH /Users/${remoteId}`]);
    expect(JSON.stringify(provider.requests[0]?.body)).not.toMatch(
      /userName|givenName|displayName|emails|active/,
    );
    expect(await account(provider)).toMatchObject({ title: "B", [ENTERPRISE]: { costCenter: "42" } });
    const [, event] = await eventsOf(usher, `userId=${userId}`);
    expect(event).toMatchObject({ event_type: "user_update_provision", success: true });
    expect(event?.changes).toEqual(
      expect.arrayContaining([
        { field: "title", from: "A", to: "B" },
        { field: `${ENTERPRISE}:costCenter`, to: "42" },
      ]),
    );
    expect(event?.changes).toHaveLength(2);
  });

  test("loses an attribute that the directory no longer has", async () => {
    const { provider, integration } = await given();
    const given_ = { jobTitle: "Engineer", department: "R&D" };
    const { path, user } = await givenProvisioned(usher, provider, integration, given_);
    const { jobTitle: _, ...rest } = user;
    const answer = await usher.call("PUT", path, rest);
    expect(answer.body).toMatchObject({ action: "updated", state: "in_sync" });
    expect(provider.requests).toHaveLength(1);
    const resource = await account(provider);
    expect(resource.title ?? "").toBe("");
    expect(resource).toMatchObject({ [ENTERPRISE]: { department: "R&D" } });
  });

  test("who moves to another e-mail keeps the account", async () => {
    const { provider, integration } = await given();
    const { path, user, remoteId } = await givenProvisioned(usher, provider, integration);
    const answer = await usher.call("PUT", path, { ...user, email: `New.${user.email}` });
    expect(answer.body).toMatchObject({ action: "updated", remoteId });
    expect(await account(provider)).toMatchObject({ id: remoteId, userName: `new.${user.email}` });
  });

  test("is suspended and reactivated, the reactivation with all that changed meanwhile in one PATCH", async () => {
    const { provider, integration } = await given();
    const { path, user, userId, remoteId } = await givenProvisioned(usher, provider, integration);
    const suspended = await usher.call("PUT", path, { ...user, suspended: true });
    expect(suspended.body).toMatchObject({ action: "deprovisioned", active: false, remoteId });
    expect(requestLines(provider)).toEqual([`PATCH /Users/${remoteId}`]);
    expect(await account(provider)).toMatchObject({ active: false });

    forget(provider);
    const back = await usher.call("PUT", path, { ...user, suspended: false, jobTitle: "Returned" });
    expect(back.body).toMatchObject({ action: "reactivated", state: "in_sync", active: true, remoteId });
    expect(requestLines(provider)).toEqual([`PATCH /Users/${remoteId}`]);
    expect(patchedPaths(writes(provider)[0]!)).toEqual(["active", "title"]);
    expect(await account(provider)).toMatchObject({ active: true, title: "Returned" });
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "user_create_provision",
      "user_deprovision",
      "user_update_provision",
    ]);
  });

  test("whose account vanished is created again: a failed update and a create", async () => {
    const { provider, integration } = await given();
    const { path, user, userId, remoteId } = await givenProvisioned(usher, provider, integration);
    await call(provider, "DELETE", `/Users/${remoteId}`);
    passTime(replicationMs);
    forget(provider);
    const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ action: "created", state: "in_sync" });
    expect(answer.body.remoteId).not.toBe(remoteId);
    expect(requestLines(provider)).toEqual([
      `PATCH /Users/${remoteId}`,
      `GET /Users/${remoteId}`,
      // By the name it has there, then by the one it is to have.
      "GET /Users",
      "GET /Users",
      "POST /Users",
    ]);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "user_create_provision",
      "!user_update_provision",
      "user_create_provision",
    ]);
    expect(answer.body.eventIds).toHaveLength(2);
  });

  test("is deprovisioned by DELETE and deleted by ?action=delete, which are two events", async () => {
    const { provider, integration } = await given();
    const { path, userId, remoteId } = await givenProvisioned(usher, provider, integration);
    const out = await usher.call("DELETE", path);
    expect(out.body).toMatchObject({ action: "deprovisioned", state: "deprovisioned", active: false });
    expect(await account(provider)).toMatchObject({ id: remoteId, active: false });

    const deleted = await usher.call("DELETE", `${path}?action=delete`);
    expect(deleted.body).toMatchObject({ action: "deleted", state: "deleted" });
    expect(await provider.users()).toEqual([]);
    expect((await usher.call("GET", path)).body).toMatchObject({ state: "deleted", desired: "absent" });
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "user_create_provision",
      "user_deprovision",
      "user_delete_provision",
    ]);
    expect(requestLines(provider)).toEqual([`PATCH /Users/${remoteId}`, `DELETE /Users/${remoteId}`]);
  });
});
