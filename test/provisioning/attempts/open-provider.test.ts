import { expect, test } from "vitest";
import { openProvider } from "../../../shared/provisioning/attempts/open-provider.ts";
import { leaseMs, sendingTimes } from "../../../shared/provisioning/attempts/run-attempt.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { makeIntegration } from "../../stores/samples.ts";

const opened = async (baseUrl: string): Promise<string[]> => {
  const targets: string[] = [];
  const secret = {
    credentials: { type: "bearer", clientSecret: "s3cret" },
    origin: "https://app.strongdm.com",
  };
  const ports = {
    secrets: { read: async () => secret },
    openProvider: (target: { baseUrl: string }) => targets.push(target.baseUrl),
  } as unknown as Ports;
  const integration = makeIntegration({ baseUrl });
  await openProvider({ ports, integration }, { sendUntil: 0, answerUntil: 0 }).catch((error: unknown) => {
    expect(error).toMatchObject({ code: "credentials-required" });
  });
  return targets;
};

test.each([
  "https://app.strongdm.com:8443/scim",
  "http://app.strongdm.com/scim",
  "https://other.example.com/scim",
])("a secret is not opened for another origin than its own, whatever the row says: %s", async (baseUrl) => {
  expect(await opened(baseUrl)).toEqual([]);
});

test("a secret is opened for every path of its origin", async () => {
  const baseUrl = "https://app.strongdm.com/another/path";
  expect(await opened(baseUrl)).toEqual([baseUrl]);
});

test("nothing is sent in the last five seconds of a lease, however much time the call has", () => {
  const actor = {} as never;
  const later = { actor, sendUntil: leaseMs * 2, answerUntil: leaseMs * 3 };
  expect(sendingTimes(later, leaseMs)).toEqual({ sendUntil: 35_000, answerUntil: 35_000 });
  const sooner = { actor, sendUntil: 20_000, answerUntil: 25_000 };
  expect(sendingTimes(sooner, leaseMs)).toEqual({ sendUntil: 20_000, answerUntil: 25_000 });
});
