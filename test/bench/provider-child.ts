import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { serveParent } from "./child.ts";

/** The strongDM-like service provider, in a process of its own: `node provider-child.ts LATENCY_MS`. */
const provider = await startStrongDm({ latencyMs: Number(process.argv[2] ?? 0) });
serveParent(
  { baseUrl: provider.baseUrl, token: provider.token },
  // What arrived since the question was last asked.
  { requests: () => provider.requests.splice(0) },
  () => provider.close(),
);
