import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { until } from "../../support/quick-time.ts";
import {
  expectOk,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test("an import links the account at another tenant to a user who is known by an id of the tenant before", async () => {
  const provider = await givenProvider(startQuirky);
  const integration = await givenIntegration(usher, provider);
  const { path, user } = await givenProvisioned(usher, provider, integration);
  const other = await givenProvider(startQuirky);
  const remoteId = other.addUser({ userName: String(user.email) });
  const credentials = { type: "bearer", clientSecret: other.token };
  expectOk(await usher.call("PATCH", integration.path, { baseUrl: other.baseUrl, credentials }));

  const done = async (begin: string, body: object = {}) => {
    const job = (await usher.call("POST", `${integration.path}/import/${begin}`, body)).headers.get(
      "location",
    );
    await until(async () => (await usher.call("GET", String(job))).body.status === "done");
    return (await usher.call("GET", String(job))).body;
  };
  await done("scans");
  const { counts } = await done("jobs", { allNew: true, matched: "link" });
  expect(counts).toEqual({ linked: 1 });
  expect((await usher.call("GET", path)).body).toMatchObject({ remoteId });
});
