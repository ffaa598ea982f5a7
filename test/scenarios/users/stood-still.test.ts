import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  eventsOf,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test("a process that stood still for longer than its lease records nothing, and recovery records the attempt once", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const { userId, user, path } = await givenProvisioned(usher, provider, integration);
  let writes = 0;
  provider.intercept = ({ method }) => {
    if (method !== "GET" && ++writes === 1) passTime(45_000);
    return undefined;
  };
  const { status } = await usher.call("PUT", path, { ...user, firstname: "Grace" });
  expect(status).not.toBe(200);
  const updates = async () =>
    (await eventsOf(usher, `userId=${userId}`)).filter(
      ({ event_type }) => event_type === "user_update_provision",
    );
  expect(await updates()).toEqual([]);
  expect((await usher.call("GET", path)).body.state).toBe("pending");
  await usher.run.recover();
  await until(async () => (await usher.call("GET", path)).body.state === "in_sync");
  expect(await updates()).toMatchObject([{ success: true }]);
  expect(writes).toBe(1);
});
