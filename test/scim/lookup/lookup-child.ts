import { ProviderFailure } from "../../../shared/provisioning/ports/provider-failure.ts";
import { createScimClient } from "../../../shared/scim/client.ts";

/** `baseUrl count`: so many look-ups at the same time, in a process whose heap the parent bounds; prints how they end. */
const [, , baseUrl = "", count = "1"] = process.argv;
const now = Date.now();
const open = createScimClient({ allowLoopback: true, sleep: async () => {} });
const target = {
  baseUrl,
  profile: "generic" as const,
  credentials: { type: "bearer" as const, clientSecret: "s" },
};
const lookups = Array.from({ length: Number(count) }, async (_, at) => {
  try {
    await open(target, { sendUntil: now + 60_000, answerUntil: now + 60_000 }).findUsers(`user-${at}`);
    return "found";
  } catch (error) {
    if (error instanceof ProviderFailure) return error.message;
    throw error;
  }
});
console.log(JSON.stringify(await Promise.all(lookups)));
