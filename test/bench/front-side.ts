import { startChild } from "./child.ts";
import { readModelUser, seedId } from "./front-fill.ts";
import type { Recorded } from "./front-provider.ts";
import { type FrontRun, startFrontRun } from "./front-run.ts";
import { type Answer, person } from "./stage.ts";

/** A repeated call tells what its last try did. */
export type CallAnswer = Answer & { isRepeated: boolean };
export type Side = {
  name: string;
  run: FrontRun;
  origin: string;
  /** A path starts behind the integration. A call that is answered 202 is repeated until it is done. */
  call(method: string, path: string, body: unknown): Promise<CallAnswer>;
  fill(users: number): Promise<void>;
  setDelay(ms: number): Promise<void>;
  record(): Promise<void>;
  recorded(): Promise<Recorded[]>;
  /** Numbers that were not yet taken on this side, for new names. */
  next(): number;
  close(): Promise<number>;
};

/** The embedded run of the checkout at `root`, an integration, a provider of its own, and one provisioned user. */
export const startSide = async (name: string, root: string): Promise<Side> => {
  const provider = await startChild<{ origin: string }>("./front-provider.ts");
  const run = await startFrontRun(root);
  const { body: integration } = await run.call("POST", "/integrations", {
    application: { name: "Bench" },
    profile: "generic",
    baseUrl: provider.ready.origin,
    credentials: { type: "bearer", clientSecret: "bench-secret-token" },
  });
  const call: Side["call"] = async (method, path, body) => {
    for (let tries = 1; ; tries += 1) {
      const answer = await run.call(method, `/integrations/${integration.integrationId}${path}`, body);
      if (answer.status !== 202) return { ...answer, isRepeated: tries > 1 };
    }
  };
  await call("PUT", `/users/${seedId(0)}`, person(seedId(0)));
  let taken = 0;
  return {
    name,
    run,
    origin: provider.ready.origin,
    call,
    fill: await readModelUser(run),
    setDelay: (ms) => provider.ask("delay", ms),
    record: () => provider.ask("record"),
    recorded: () => provider.ask("recorded"),
    next: () => taken++,
    close: async () => {
      const peak = await run.stop();
      await provider.stop();
      return peak;
    },
  };
};
