import { expect, test } from "vitest";
import { updateIntegration } from "../../../shared/integrations/update-integration.ts";
import type { RetryInput } from "../../../shared/model/inputs.ts";
import { retryWork } from "../../../shared/provisioning/calls/retry-work.ts";
import { givenService } from "./minutes.ts";

const isBusy = (body: unknown) => JSON.stringify(body).includes("busy");

/** Two who are refused, and one who meets a provider that is busy until the year is over. */
const given = async () => {
  const service = await givenService();
  const { ports, call, run, integrationId, provider } = service;
  provider.intercept = ({ method, body }) => {
    if (method !== "POST") return undefined;
    if (isBusy(body)) return { status: 503, headers: { "retry-after": "9000000" } };
    return { status: 403 };
  };
  for (const userId of ["one", "two"])
    await expect(service.provision(userId)).rejects.toMatchObject({ code: "provider-rejected" });
  expect(await service.provision("busy")).toMatchObject({ state: "retrying" });
  provider.intercept = undefined;
  await service.minutes(1);
  const names = async () => (await provider.users()).map(({ userName }) => userName.split("@")[0]).toSorted();
  const retry = (input: RetryInput) => run(retryWork(ports, call(), integrationId, input));
  return { ...service, names, retry };
};

test.each<[string, RetryInput, number, string[]]>([
  ["all", {}, 3, ["busy", "one", "two"]],
  ["one state", { states: ["failed"] }, 2, ["busy", "one", "two"]],
  ["one code", { code: "provider-unavailable" }, 1, ["busy"]],
  ["one code in another state", { code: "provider-unavailable", states: ["failed"] }, 0, []],
  ["those named", { userIds: ["two", "nobody"] }, 1, ["busy", "two"]],
])("a retry of %s makes due what it says, and no more", async (_, input, due, made) => {
  const { retry, minutes, names } = await given();
  expect(await retry(input)).toEqual({ due });
  await minutes(2);
  expect(await names()).toEqual(made);
});

test("a changed mapping makes due what was refused, and their success what waits for the provider", async () => {
  const { ports, call, run, integrationId, minutes, names } = await given();
  const attributeMappings = [{ target: "nickName", source: "firstname" }];
  const patch = { attributeMappings, test: { mode: "read" as const } };
  await run(updateIntegration(ports, call(), { integrationId }, patch));
  await minutes(2);
  expect(await names()).toEqual(["busy", "one", "two"]);
});

test("without a retry nothing is tried before its time", async () => {
  const { minutes, names } = await given();
  await minutes(2);
  expect(await names()).toEqual([]);
});

test("what fails again after a retry waits for its own time, and is not tried over and over", async () => {
  const { provider, retry, minutes } = await given();
  provider.intercept = ({ method }) => (method === "POST" ? { status: 403 } : undefined);
  await retry({ states: ["failed"] });
  provider.requests.length = 0;
  await minutes(10);
  const creations = provider.requests.filter(({ method, body }) => method === "POST" && !isBusy(body));
  expect(creations).toHaveLength(2);
});
