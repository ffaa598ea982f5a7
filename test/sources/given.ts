import { atOnce, type Request, unavailable } from "../../shared/memory/request.ts";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { SourceInput } from "../../shared/model/source.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import { createSource } from "../../shared/sources/create-source.ts";
import { emptyMemory, openStores } from "../memory/memory.ts";

export const start = Date.parse("2026-11-05T08:00:00.000Z");

/** A process that dies with its `nth` request, before or after the store carries it out. */
export const dying = (nth: number, moment: "before" | "after"): Request => {
  let count = 0;
  return async (_, apply) => {
    count += 1;
    if (count > nth || (count === nth && moment === "before")) throw unavailable();
    const result = apply();
    if (count === nth) throw unavailable();
    return result;
  };
};

/** Stores in memory, a clock that goes on where somebody waits, and processes that work on them. */
export const given = () => {
  const memory = emptyMemory();
  let clock = start;
  const now = () => clock;
  const processOn = (request: Request): Ports =>
    ({
      ...openStores(memory, request, now),
      clock: {
        now,
        sleep: async (ms: number) => {
          clock += ms;
        },
      },
      newId: uuidV7,
      organization: "org",
      eventRetentionDays: 400,
    }) as Ports;
  const call: Call = {
    actor: {
      initiatedBy: { type: "admin", id: "admin-1" },
      authMethod: "token",
      clientIp: "127.0.0.1",
      userAgent: "test",
      correlation: { id: "c1", type: "request" },
    },
    sendUntil: Number.POSITIVE_INFINITY,
    answerUntil: Number.POSITIVE_INFINITY,
  };
  const ports = processOn(atOnce);
  return {
    memory,
    ports,
    call,
    processOn,
    asking: { ports, call },
    pass: (ms: number) => {
      clock += ms;
    },
    events: (): DirectoryInsightsEvent[] => [...memory.events.values()].map(({ event }) => event),
    makeSource: async (input: Partial<SourceInput> = {}) =>
      createSource(
        { ports, call },
        { name: "Okta", kind: "okta", onDelete: "suspend", linkByEmail: "ownerless", ...input },
      ),
  };
};
