import { Agent } from "node:http";
import type { Act } from "./front-acts.ts";
import type { Recorded } from "./front-provider.ts";
import type { Side } from "./front-side.ts";
import { send } from "./stage.ts";

/** What one turn, or several together, took. `writtenBytes` is undefined where the system does not count them. */
export type Figures = {
  acts: number;
  ms: number;
  latencies: number[];
  cpuMs: number;
  writtenBytes: number | undefined;
};

/** One turn of an act on one side: `callers` at a time, each with its next call as soon as the last was answered. */
export const measure = async (side: Side, act: Act, callers: number): Promise<Figures> => {
  const call = act.prepare(side);
  const latencies: number[] = [];
  const before = await side.run.usage();
  const startedAt = performance.now();
  await inLanes(callers, act.count, async (nth, caller) => {
    const sentAt = performance.now();
    const { body, isRepeated } = await call(nth, caller);
    latencies.push(performance.now() - sentAt);
    if (body.action !== act.expected && !isRepeated) {
      throw new Error(`${side.name}: ${act.name} answered ${JSON.stringify(body)}`);
    }
  });
  const ms = performance.now() - startedAt;
  const after = await side.run.usage();
  return {
    acts: act.count,
    ms,
    latencies,
    cpuMs: after.cpuMs - before.cpuMs,
    writtenBytes:
      after.writtenBytes === undefined || before.writtenBytes === undefined
        ? undefined
        : after.writtenBytes - before.writtenBytes,
  };
};

export const together = (turns: readonly Figures[]): Figures =>
  turns.reduce((sum, turn) => ({
    acts: sum.acts + turn.acts,
    ms: sum.ms + turn.ms,
    latencies: [...sum.latencies, ...turn.latencies],
    cpuMs: sum.cpuMs + turn.cpuMs,
    writtenBytes: sum.writtenBytes === undefined ? undefined : sum.writtenBytes + (turn.writtenBytes ?? 0),
  }));

/** Milliseconds that the same requests take straight to the provider, `callers` at a time. */
export const replay = async (origin: string, requests: Recorded[], callers: number): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const startedAt = performance.now();
  await inLanes(callers, requests.length, async (nth) => {
    const { method, path, body } = requests[nth] as Recorded;
    await send(agent, {
      method,
      url: origin + path,
      token: "bench-secret-token",
      type: "application/scim+json",
      body: body === "" ? undefined : JSON.parse(body),
    });
  });
  const ms = performance.now() - startedAt;
  agent.destroy();
  return ms;
};

const inLanes = async (
  lanes: number,
  count: number,
  work: (nth: number, lane: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const lane = async (_: unknown, at: number): Promise<void> => {
    while (next < count) await work(next++, at);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};
