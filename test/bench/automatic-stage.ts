import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { concurrently } from "../../shared/common/concurrently.ts";
import { person, send } from "./stage.ts";
import { type Arrival, clockNow, type ProviderOptions } from "./throughput-provider.ts";
import { startStage } from "./throughput-stage.ts";

const lanes = 24;
/** Nothing that is waited for takes so long, unless it never comes. */
const patienceMs = 300_000;

export type AutomaticStage = Awaited<ReturnType<typeof startAutomaticStage>>;

/** The embedded run with `count` users who have their accounts, its provider and their arrivals: a process each. */
export const startAutomaticStage = async (options: ProviderOptions, count: number) => {
  const stage = await startStage(options);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const call = (method: string, path: string, body?: unknown) =>
    send(agent, { method, url: stage.url + path, token: stage.token, type: "application/json", body });
  const remoteIds = new Map<number, string>();
  const all = Array.from({ length: count }, (_, nth) => nth);
  const pathOf = (nth: number) => `/users/user-${nth}`;
  const bodyOf = (nth: number, fields: object) => ({ ...person(`user-${nth}`), ...fields });

  /** Change an account on demand: the directory and the provider in one call. */
  const callFor = (nth: number, fields: object) =>
    call("PUT", `/integrations/${stage.integrationId}${pathOf(nth)}`, bodyOf(nth, fields));

  await concurrently(all, lanes, async (nth) => {
    const { body } = await callFor(nth, {});
    remoteIds.set(nth, String(body.remoteId));
  });
  await stage.counts();

  /** Arrivals by the title that they set, or by the account whose access they end. */
  const arrived = new Map<string, number>();
  const note = ({ method, path, body, at }: Arrival) => {
    const title = /change-\w+/.exec(body)?.[0];
    const isEnd = method === "DELETE" || /"active"[^}]*false/.test(body);
    const name = isEnd ? path : title;
    if (name !== undefined && !arrived.has(name)) arrived.set(name, at);
  };
  /** When all of these have arrived, each, in the clock of `clockNow`. */
  const arrivalsOf = async (names: string[]): Promise<number[]> => {
    const giveUp = clockNow() + patienceMs;
    for (;;) {
      for (const arrival of (await stage.counts()).arrivals) note(arrival);
      const missing = names.filter((name) => !arrived.has(name));
      if (missing.length === 0) return names.map((name) => arrived.get(name) ?? 0);
      if (clockNow() > giveUp) throw new Error(`${missing.length} changes never came, e.g. ${missing[0]}`);
      await sleep(50);
    }
  };

  return {
    ...stage,
    call,
    callFor,
    /** Change the directory alone. */
    save: (nth: number, fields: object) => call("PUT", pathOf(nth), bodyOf(nth, fields)),
    leave: (nth: number) => call("DELETE", pathOf(nth)),
    endOf: (nth: number) => `/Users/${remoteIds.get(nth)}`,
    arrivalsOf,
    close: async () => {
      agent.destroy();
      return await stage.close();
    },
  };
};

/** The work for each of these, as soon as one of the lanes is free. */
export const inBulk = (numbers: number[], work: (nth: number) => Promise<unknown>): Promise<unknown> =>
  concurrently(numbers, lanes, work);

/** Calls `work` at a steady rate, whatever becomes of the calls before. */
export const offer = async (
  { perSecond, seconds }: { perSecond: number; seconds: number },
  work: (nth: number) => Promise<unknown>,
): Promise<void> => {
  const began = clockNow();
  const calls: Promise<unknown>[] = [];
  for (let nth = 0; nth < perSecond * seconds; nth += 1) {
    await sleep(Math.max(0, began + (nth * 1000) / perSecond - clockNow()));
    calls.push(work(nth));
  }
  await Promise.all(calls);
};
