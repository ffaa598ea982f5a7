import { type BoundChapter, pathsOf } from "./chapter.ts";

/** Deletes the integration: nothing changes at the provider, and nothing can be provisioned any longer. */
export const deleteIntegration = async ({
  step,
  provider,
  check,
  integrationId,
}: BoundChapter): Promise<void> => {
  const paths = pathsOf(integrationId);
  await step("delete", "Delete the integration: everything stays at the provider", async (call) => {
    const stateOf = () => JSON.stringify([provider.users(), provider.groups(), provider.requests()]);
    const before = stateOf();
    await call("DELETE", paths.integration, 204);
    const refused = await call("PUT", paths.user("amara.okafor"), 409);
    check(refused.code === "integration-not-active", `a later call was refused as ${refused.code}`);
    check(stateOf() === before, "deleting the integration reached the provider");
    return undefined;
  });
};
