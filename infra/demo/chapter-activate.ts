import type { Chapter } from "./chapter.ts";

/** Activates the integration, first with a wrong token, which leaves nothing behind. */
export const activate = async ({ step, provider, tokens, check }: Chapter): Promise<string> => {
  const activation = (clientSecret: string) => ({
    application: { name: "SCIMMY", displayLabel: "SCIMMY of the demo" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret },
    attributeMappings: [{ target: "nickName", source: "attributes.githubLogin" }],
  });

  await step("refused-activation", "Activate with a wrong token: refused, nothing is kept", async (call) => {
    const refused = await call("POST", "/integrations", 422, activation(tokens.wrongAtStart));
    check(refused.code === "activation-test-failed", `the activation was refused as ${refused.code}`);
    const { items } = await call("GET", "/integrations", 200);
    check(items?.length === 0, "the refused activation left an integration");
    return [refused.detail ?? ""];
  });

  let integrationId = "";
  await step("activation", "Activate with the right token", async (call) => {
    const integration = await call("POST", "/integrations", 201, activation(tokens.first));
    integrationId = integration.integrationId ?? "";
    return undefined;
  });
  return integrationId;
};
