import { expect, test } from "vitest";
import { givenService } from "./minutes.ts";

const givenRefused = async () => {
  const service = await givenService();
  const token = service.provider.token;
  await service.provision("known");
  service.provider.setToken("another-token");
  await expect(service.provision("known", { jobTitle: "Engineer" })).rejects.toMatchObject({
    code: "provider-rejected",
  });
  expect(await service.provision("new")).toMatchObject({ state: "pending", eventIds: [] });
  expect((await service.statusNow())?.status).toBe("needs_reauth");
  service.provider.requests.length = 0;
  return { ...service, token };
};

test("a secret that was refused is tested again after 1, 5 and 15 minutes, then each hour, by reading nothing of anybody", async () => {
  const { provider, clock, minutes } = await givenRefused();
  const since = clock.now();
  const tests: number[] = [];
  provider.intercept = ({ method, path, query }) => {
    tests.push(Math.round((clock.now() - since) / 60_000));
    expect([method, path]).toEqual(["GET", "/Users"]);
    expect(JSON.stringify(query)).toContain("example.invalid");
    return undefined;
  };
  await minutes(3 * 60);
  expect(tests).toEqual([1, 5, 15, 75, 135]);
});

test("a success makes the integration active again by itself, with one event, and what was saved is done", async () => {
  const { provider, token, minutes, statusNow, eventsOf } = await givenRefused();
  await minutes(8);
  provider.setToken(token);
  await minutes(9);
  expect((await statusNow())?.status).toBe("active");
  expect(eventsOf("idm_integration_recovered")).toMatchObject([
    { success: true, changes: [{ field: "status", from: "needs_reauth", to: "active" }] },
  ]);
  const accounts = await provider.users();
  expect(accounts.map(({ userName }) => userName).toSorted()).toEqual([
    "known@example.com",
    "new@example.com",
  ]);
  expect(accounts.find(({ userName }) => userName === "known@example.com")).toMatchObject({
    resource: { title: "Engineer" },
  });
});

test("a secret that is refused once more after it was taken again waits anew", async () => {
  const { provider, token, minutes, statusNow, provision, eventsOf } = await givenRefused();
  provider.setToken(token);
  await minutes(3);
  expect((await statusNow())?.status).toBe("active");
  provider.setToken("another-token");
  await expect(provision("known", { jobTitle: "Countess" })).rejects.toMatchObject({
    code: "provider-rejected",
  });
  expect((await statusNow())?.status).toBe("needs_reauth");
  provider.setToken(token);
  await minutes(3);
  expect((await statusNow())?.status).toBe("active");
  expect(eventsOf("idm_integration_recovered")).toHaveLength(2);
});
