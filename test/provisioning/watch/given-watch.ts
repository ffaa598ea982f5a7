import { uuidV7 } from "../../../shared/model/ids.ts";
import type { Integration } from "../../../shared/model/integration.ts";
import type { UserLink } from "../../../shared/model/link.ts";
import type { Measure, Metric } from "../../../shared/model/metric.ts";
import type { ChannelName, Notice } from "../../../shared/model/notice.ts";
import type { Work } from "../../../shared/model/work.ts";
import type { NoticeStore } from "../../../shared/provisioning/ports/notice-store.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { watch } from "../../../shared/provisioning/watch/watch.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { memoryNoticeStore, type NoticeItems } from "../../memory/notice-store.ts";
import { atOnce, type Request } from "../../memory/request.ts";
import { makeIntegration, makeUser } from "../../stores/samples.ts";

export const minuteMs = 60_000;
export const start = Date.UTC(2026, 5, 1, 12);

/** A channel that keeps what it is told. It takes nothing, or takes its time, where the test says so. */
export const keepingChannel = () => {
  const told: Notice[] = [];
  const channel = {
    told,
    /** Thrown in place of taking a message, or after it was taken. */
    failure: undefined as { error: Error; isTaken: boolean } | undefined,
    onSend: async (): Promise<void> => {},
    async send(notice: Notice) {
      await channel.onSend();
      if (!channel.failure || channel.failure.isTaken) told.push(notice);
      if (channel.failure) throw channel.failure.error;
    },
  };
  return channel;
};

type Given = { channels?: readonly ChannelName[]; integrations?: Partial<Integration>[] };

/** Stores in memory in which nothing is worked on, and the watch over them; no time passes but by `pass`. */
export const givenWatch = ({ channels = ["webhook"], integrations = [{}] }: Given = {}) => {
  const memory = emptyMemory();
  const items: NoticeItems = new Map();
  let now = start;
  const clock = { now: () => now, sleep: async () => undefined };
  for (const fields of integrations) {
    const integration = makeIntegration({ integrationId: "int", ...fields });
    memory.integrations.set(integration.integrationId, {
      integrationId: integration.integrationId,
      integration,
      rev: 1,
    } as never);
  }
  const stores = openStores(memory, atOnce, () => now);
  const kept = Object.fromEntries(channels.map((name) => [name, keepingChannel()])) as Record<
    ChannelName,
    ReturnType<typeof keepingChannel>
  >;

  const setWork = (id: string, work: Work | undefined, integrationId = "int"): void => {
    const { work: _, ...link } = memory.userLinks.get(`${id}#${integrationId}`) ?? ({} as UserLink);
    memory.userLinks.set(`${id}#${integrationId}`, { ...link, ...(work && { work }) } as UserLink);
  };

  const saveLinked = async (id: string, integrationId: string, suspended: boolean): Promise<void> => {
    await stores.users.save(id, 0, makeUser({ email: `${id}@example.com`, suspended }));
    memory.userLinks.set(`${id}#${integrationId}`, {
      integrationId,
      id,
      rev: 1,
      assignment: { direct: true, groups: [], excluded: false },
      observed: { attempts: 1, remoteId: `r-${id}`, pushed: { active: true } },
    } as unknown as UserLink);
  };

  return {
    memory,
    items,
    stores,
    channels: kept,
    webhook: kept.webhook,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    setIntegration: (fields: Partial<Integration>, integrationId = "int") => {
      const row = memory.integrations.get(integrationId) as unknown as { integration: Integration };
      Object.assign(row.integration, fields);
    },
    setWork,
    /** A user whose account is open there and who is to be locked out, marked so. */
    leaver: async (id: string, work: Partial<Work> = {}, integrationId = "int") => {
      await saveLinked(id, integrationId, true);
      setWork(id, { state: "failed", urgency: 0, at: now, since: now, setAt: now, ...work }, integrationId);
    },
    /** A user of whom a change was refused, or shown otherwise. */
    failed: async (id: string, integrationId = "int", state: "failed" | "unconfirmed" = "failed") => {
      await saveLinked(id, integrationId, false);
      setWork(id, { state, urgency: 1, at: now + minuteMs, since: now, setAt: now }, integrationId);
    },
    over: (id: string, integrationId = "int") => setWork(id, undefined, integrationId),
    /** One run, in a process of its own. `request` makes the requests of all stores in memory; `store` keeps what was told. */
    async run(request: Request = atOnce, store: NoticeStore = memoryNoticeStore(items, request)) {
      const measures: Measure[] = [];
      const own = openStores(memory, request, () => now);
      const ports = { ...own, clock, newId: uuidV7 } as unknown as Ports;
      const failures = await watch(
        {
          ports,
          current: async () => {
            const rows = await own.integrations.all();
            return rows.flatMap(({ integration }) => (integration ? [integration] : []));
          },
          telemetry: { record: (told) => void measures.push(...told) },
          notices: { store, channels: kept },
        },
        { until: now + 27_000, deadAt: now + 29_000 },
      );
      const level = (metric: Metric, of?: string) =>
        measures.find((one) => one.metric === metric && one.of === of)?.value;
      return { failures, measures, level };
    },
  };
};
