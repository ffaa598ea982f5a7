import { expect, onTestFinished, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { startFaultyWay } from "../../providers/quirky/way.ts";
import { givenGroup, givenIntegration, givenProvider, givenSaved, useUsher } from "../../support/steps.ts";

const usher = useUsher();

/** A group that took the name Renamed, of which every answer was lost. */
const given = async () => {
  const provider = await givenProvider(() => startQuirky());
  const way = await startFaultyWay(provider, Date.now);
  onTestFinished(() => way.close());
  const integration = await givenIntegration(usher, provider, { baseUrl: way.baseUrl });
  const group = await givenGroup(usher, provider, integration, await givenSaved(usher, 1));
  way.fault = (method) => (method === "PATCH" ? "500-after" : undefined);
  const failed = await usher.call("PUT", group.path, { name: "Renamed" });
  expect(failed.body).toMatchObject({ lastError: { code: "provider-unavailable" } });
  way.fault = undefined;
  const namesThere = async () => (await provider.groups()).map(({ displayName }) => displayName);
  expect(await namesThere()).toEqual(["Renamed"]);
  /** From here on the provider is at another address, and is the same. */
  const move = async () => {
    const body = { baseUrl: provider.baseUrl, credentials: { type: "bearer", clientSecret: provider.token } };
    expect((await usher.call("PATCH", integration.path, body)).status).toBe(200);
  };
  return { group, move, namesThere };
};

test("a name whose arrival is in doubt gives way to the one before, where that is wanted again by then", async () => {
  const { group, namesThere } = await given();
  const { body } = await usher.call("PUT", group.path, { name: group.name });
  expect(body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await namesThere()).toEqual([group.name]);
  expect((await usher.call("PUT", group.path, { name: group.name })).body.action).toBe("unchanged");
});

test("by a name whose arrival is in doubt the group is known again under another base URL, and deleted", async () => {
  const { group, move, namesThere } = await given();
  await move();
  const { body } = await usher.call("PUT", group.path, { name: "Third" });
  expect(body).toMatchObject({ remoteId: group.remoteId, state: "in_sync" });
  expect(await namesThere()).toEqual(["Third"]);

  const deleted = await given();
  await deleted.move();
  await usher.call("DELETE", `${deleted.group.path}?action=delete`);
  expect(await deleted.namesThere()).toEqual([]);
});
