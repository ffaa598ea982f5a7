import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  activation,
  eventTypesOf,
  forget,
  givenIntegration,
  givenProvider,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test("If-Match lets through the present version alone; a refusal is on record", async () => {
  const { path, integrationId } = await givenIntegration(usher, await givenProvider(startStrongDm));
  const etag = (await usher.call("GET", path)).headers.get("etag") ?? "";
  const patch = { application: { displayLabel: "one" } };
  const first = await usher.call("PATCH", path, patch, { "if-match": etag });
  expect(first.status).toBe(200);
  expect(first.headers.get("etag")).not.toBe(etag);

  const stale = await usher.call(
    "PATCH",
    path,
    { application: { displayLabel: "two" } },
    { "if-match": etag },
  );
  expect(stale.status).toBe(412);
  expect(stale.body).toMatchObject({ code: "precondition-failed", eventId: expect.any(String) });
  const credentials = { type: "bearer", clientSecret: "whatever" };
  const reauth = await usher.call("POST", `${path}/reauth`, { credentials }, { "if-match": etag });
  expect(reauth.status).toBe(412);
  const deleted = await usher.call("DELETE", path, undefined, { "if-match": etag });
  expect(deleted.status).toBe(412);
  expect((await usher.call("GET", path)).body).toMatchObject({
    status: "active",
    application: { displayLabel: "one" },
  });
  expect(await eventTypesOf(usher, `integrationId=${integrationId}`)).toEqual([
    "idm_integration_activate",
    "idm_integration_update",
    "!idm_integration_update",
    "!idm_integration_reauth",
    "!idm_integration_delete",
  ]);
});

test("what was sent as If-Match is repeated neither by the 412 nor by its event", async () => {
  const { path } = await givenIntegration(usher, await givenProvider(startStrongDm));
  const patch = { application: { displayLabel: "two" } };
  const { status, body } = await usher.call("PATCH", path, patch, { "if-match": "s3cr3tTok9en" });
  expect([status, body.code]).toEqual([412, "precondition-failed"]);
  const event = await usher.call("GET", `/events/${body.eventId}`);
  expect(event.status).toBe(200);
  expect(JSON.stringify([body, event.body])).not.toContain("s3cr3tTok9en");
});

test("If-Match: * lets through every version of an integration", async () => {
  const { path } = await givenIntegration(usher, await givenProvider(startStrongDm));
  for (const displayLabel of ["one", "two"]) {
    const patch = { application: { displayLabel } };
    expect((await usher.call("PATCH", path, patch, { "if-match": "*" })).status).toBe(200);
  }
  expect((await usher.call("GET", path)).body).toMatchObject({ application: { displayLabel: "two" } });
});

test("an Idempotency-Key gives the first answer again and activates once; another body is refused", async () => {
  const provider = await givenProvider(startStrongDm);
  const key = { "idempotency-key": "activation-1" };
  const label = { application: { name: "App", displayLabel: "idempotent" } };
  const first = await usher.call("POST", "/integrations", activation(provider, label), key);
  expect(first.status).toBe(201);
  forget(provider);
  const again = await usher.call("POST", "/integrations", activation(provider, label), key);
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("location")).toBe(first.headers.get("location"));
  expect(provider.requests).toEqual([]);
  expect((await usher.call("GET", "/integrations?displayLabel=idempotent")).body.items).toHaveLength(1);

  const other = await usher.call(
    "POST",
    "/integrations",
    activation(provider, { groupsEnabled: false }),
    key,
  );
  expect(other.status).toBe(422);
  expect(other.body.code).toBe("idempotency-key-reused");
});
