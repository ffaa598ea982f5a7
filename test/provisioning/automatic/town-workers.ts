import { dispatchChange } from "../../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../../shared/provisioning/automatic/sweep.ts";
import { recoverAttempts } from "../../../shared/provisioning/calls/recover-attempts.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import type { Chance } from "../../simulation/chance.ts";
import { workers } from "./mortal-workers.ts";
import type { Service } from "./service.ts";

const nothing = () => undefined;
const minuteMs = 60_000;

/** Stream, queue and clock of a service, and all that goes wrong with them until the trouble stops. */
export const startWorkers = (service: Service, chance: Chance) => {
  const { state, ports, memory, now } = service;
  let isCalm = false;
  const draining = new Map<string, { isWokenAgain: boolean }>();
  const goesWrong = (probability: number) => !isCalm && chance.isTrue(probability);

  /** A worker that may die at any request. */
  const work = (mostMs: number, run: (ports: Ports, until: number) => Promise<unknown>): Promise<void> => {
    const { promise: death, resolve } = Promise.withResolvers<void>();
    const worker = { diesAt: goesWrong(0.1) ? chance.upTo(60) : Number.POSITIVE_INFINITY, die: resolve };
    const end = () => run(service.otherPorts(), now() + mostMs).then(nothing, nothing);
    return workers.run(worker, () => Promise.race([end(), death]));
  };
  const drain = async (integrationId: string): Promise<void> => {
    const mine = { isWokenAgain: false };
    draining.set(integrationId, mine);
    await work(90_000, (ports, until) => drainIntegration(ports, integrationId, { until }));
    draining.delete(integrationId);
    if (mine.isWokenAgain) await drain(integrationId);
  };
  state.wake = (integrationId) => {
    if (goesWrong(0.2)) return;
    const now = draining.get(integrationId);
    if (now) now.isWokenAgain = true;
    else void drain(integrationId);
  };
  state.after = (what) => {
    const [, kind, id = ""] = /^(?:save|change) (user|group) (.+)$/.exec(what) ?? [];
    if ((kind !== "user" && kind !== "group") || goesWrong(0.2)) return;
    const changed = kind === "user" ? memory.users.get(id)?.changed : memory.groups.get(id)?.saved.changed;
    if (changed) void work(20_000, (ports) => dispatchChange(ports, { kind, id }));
  };
  const sweep = (ports: Ports, until: number) =>
    recoverAttempts(ports, { until }).then(() => sweepWork(ports, { until }));
  const minute = async (): Promise<void> => {
    for (;;) {
      await ports.clock.sleep(minuteMs);
      for (let nth = goesWrong(0.1) ? 2 : 1; nth > 0; nth -= 1) void work(27_000, sweep);
    }
  };
  const outages = async (): Promise<void> => {
    while (!isCalm) {
      await ports.clock.sleep(chance.upTo(60) * minuteMs);
      const name = chance.pick([...service.names]);
      if (!isCalm) state.down.add(name);
      await ports.clock.sleep(chance.upTo(90) * minuteMs);
      state.down.delete(name);
    }
  };
  state.refuses = () => (goesWrong(0.01) ? chance.pick([429, 500, 503]) : undefined);
  void minute();
  void outages();
  return {
    stopTrouble() {
      isCalm = true;
      state.down.clear();
    },
  };
};
