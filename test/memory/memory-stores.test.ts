import { describe, expect, it } from "vitest";
import { atOnce } from "../../shared/memory/request.ts";
import { behavesAsEventLog, now as logNow } from "../audit/event-log-contract.ts";
import { callReadsContract } from "../stores/call-reads-contract.ts";
import { claimStoreContract } from "../stores/claim-store-contract.ts";
import { groupStoreContract } from "../stores/group-store-contract.ts";
import { guardStoreContract } from "../stores/guard-store-contract.ts";
import { holdStoreContract } from "../stores/hold-store-contract.ts";
import { integrationJobStoreContract } from "../stores/integration-job-store-contract.ts";
import { integrationStoreContract } from "../stores/integration-store-contract.ts";
import { jobStoreContract } from "../stores/job-store-contract.ts";
import { linkStoreContract } from "../stores/link-store-contract.ts";
import { linkWorkContract } from "../stores/link-work-contract.ts";
import { nameStoreContract } from "../stores/name-store-contract.ts";
import { noticeStoreContract } from "../stores/notice-store-contract.ts";
import { conflictStoreContract, ownedStoreContract } from "../stores/owned-store-contract.ts";
import { pushedMemberStoreContract } from "../stores/pushed-member-store-contract.ts";
import { rateScheduleContract } from "../stores/rate-schedule-contract.ts";
import { makeAttempt } from "../stores/samples.ts";
import { secretStoreContract } from "../stores/secret-store-contract.ts";
import { sourceStoreContract } from "../stores/source-store-contract.ts";
import { targetStoreContract } from "../stores/target-store-contract.ts";
import { userStoreContract } from "../stores/user-store-contract.ts";
import { workIndexContract } from "../stores/work-index-contract.ts";
import { workerSlotsContract } from "../stores/worker-slots-contract.ts";
import { memoryEventReader, memoryEventWriter } from "./event-log.ts";
import { emptyMemory, openStores } from "./memory.ts";
import { memoryNoticeStore } from "./notice-store.ts";
import { memoryRateSchedule } from "./rate-schedule.ts";

/** The stores of this folder owe what the real ones do, page by page. */
const memory = emptyMemory();
let clock = Date.now();
const open = () => openStores(memory, atOnce, () => clock, { pageSize: 2 });

describe("user store in memory", () => userStoreContract(async () => open().users));
describe("source store in memory", () => sourceStoreContract(async () => open().sources));
describe("name store in memory", () => nameStoreContract(async () => open().names));
describe("owned store in memory", () => ownedStoreContract(async () => open().owned));
describe("conflict store in memory", () =>
  conflictStoreContract(
    async () => open().conflicts,
    () => clock,
  ));
describe("claim store in memory", () => claimStoreContract(async () => open().claims));
describe("target store in memory", () => targetStoreContract(async () => open().targets));
describe("guard store in memory", () => guardStoreContract(async () => open().guards));
describe("hold store in memory", () =>
  holdStoreContract(async () => ({ holds: open().holds, attempts: open().attempts })));
describe("secret store in memory", () => secretStoreContract(async () => open().secrets));
describe("integration store in memory", () => integrationStoreContract(async () => open()));
describe("pushed member store in memory", () => pushedMemberStoreContract(async () => open().pushedMembers));
describe("slots in memory", () =>
  workerSlotsContract(async () => ({
    slots: open().slots,
    now: () => clock,
    passTime: (ms) => {
      clock += ms;
    },
  })));
describe("job store of integrations in memory", () =>
  integrationJobStoreContract(async () => open().integrationJobs));
describe("job store in memory", () => jobStoreContract(async () => open().jobs));
describe("notice store in memory", () =>
  noticeStoreContract(async () => memoryNoticeStore(new Map(), atOnce)));
describe("reads of a call in memory", () => callReadsContract(async () => open()));

describe("group store in memory", () =>
  groupStoreContract(async () => ({
    groups: open().groups,
    passTime: (ms) => {
      clock += ms;
    },
  })));

describe("link store in memory", () =>
  linkStoreContract(async () => ({ links: open().userLinks, attempts: open().attempts })));

describe("marks of work in memory", () => linkWorkContract(async () => open().userLinks));
describe("work index in memory", () => workIndexContract(async () => open()));

describe("rate schedule in memory", () =>
  rateScheduleContract(async () =>
    memoryRateSchedule({ items: memory.rates, integrations: memory.integrations }, atOnce),
  ));

describe("event log in memory", () =>
  behavesAsEventLog(async () => {
    const events = new Map();
    return {
      writer: memoryEventWriter(events, atOnce),
      reader: memoryEventReader(events, atOnce, () => logNow),
    };
  }));

describe("indexes in memory", () => {
  it("show the attempts that were there as long ago as they lag", async () => {
    const own = emptyMemory();
    let now = 1_000;
    let lag = 0;
    const stores = openStores(own, atOnce, () => now, { lagMs: () => lag });
    const key = { integrationId: "i1", id: "u1" };
    const attempt = makeAttempt(500);
    await stores.userLinks.begin(key, 0, attempt, { direct: true, groups: [], excluded: false });
    now = 2_000;
    await stores.userLinks.settle(key, attempt, { attempts: 1 });
    expect(await stores.attempts.orphans(now)).toEqual([]);
    lag = 500;
    expect(await stores.attempts.orphans(now)).toEqual([{ kind: "user", key }]);
    lag = 5_000;
    expect(await stores.attempts.orphans(now)).toEqual([]);
  });

  it("show marks of work once they have lagged behind for so long", async () => {
    let now = 1_000;
    const { userLinks, work } = openStores(emptyMemory(), atOnce, () => now, { lagMs: () => 500 });
    const key = { integrationId: "i1", id: "u1" };
    const mark = { state: "pending", urgency: 0, at: now, since: now, setAt: now } as const;
    await userLinks.assign(key, 0, { direct: true, groups: [], excluded: false }, mark);
    expect(await work.waiting("i1", "pending", 0, { limit: 9 })).toEqual([]);
    now = 1_500;
    expect(await work.waiting("i1", "pending", 0, { limit: 9 })).toHaveLength(1);
  });

  it("list links once they have lagged behind for so long, and as they are now", async () => {
    let now = 1_000;
    const { userLinks } = openStores(emptyMemory(), atOnce, () => now, { lagMs: () => 500 });
    const key = { integrationId: "i1", id: "u1" };
    const link = await userLinks.assign(key, 0, { direct: true, groups: [], excluded: false });
    expect((await userLinks.list("i1", { limit: 9 })).items).toEqual([]);
    now = 1_500;
    expect((await userLinks.list("i1", { limit: 9 })).items).toEqual([link]);
  });
});
