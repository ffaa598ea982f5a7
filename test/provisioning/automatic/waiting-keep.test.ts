import { expect, test } from "vitest";
import { saveGroup } from "../../../shared/directory/save-group.ts";
import { pauseIntegration } from "../../../shared/integrations/pause-integration.ts";
import { unavailable } from "../../../shared/memory/request.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { changeGroupMembers } from "../../../shared/provisioning/calls/change-group-members.ts";
import { deprovisionUser } from "../../../shared/provisioning/calls/deprovision-user.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { recoverAttempts } from "../../../shared/provisioning/calls/recover-attempts.ts";
import { settle } from "../../imports/support.ts";
import { workers } from "./mortal-workers.ts";
import { openService } from "./service.ts";

const people = ["ada", "bo", "cy", "dee"];

/** Four accounts in a group there; two of them are members of the group here, which is bound with `existing=keep` and waits. */
const given = async (why: "paused" | "down") => {
  const service = await openService(["one", "two"]);
  const { ports, run, idOf, aCall, state } = service;
  const integrationId = idOf("one");
  for (const name of people) {
    await service.save(name);
    await service.assign("one", name);
  }
  const remoteIds = new Map(
    (await service.accounts("one")).map(({ id, userName }) => [String(userName), String(id)]),
  );
  const members = [...remoteIds.values()].map((value) => ({ value }));
  await service.byHand("one", "POST", "/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "team",
    members,
  });
  const save = (members: string[]) =>
    run(() => saveGroup({ ports, call: aCall() }, "team", { name: "team", members }));
  await save(["ada", "bo"]);
  const key = { integrationId, groupId: "team" };
  const keep = () => run(() => provisionGroup(ports, aCall(), key, { existing: "keep" }));
  if (why === "paused") await run(() => pauseIntegration(ports, aCall(), { integrationId }, true));
  else state.down.add("one");
  expect(await keep()).toMatchObject({ state: expect.stringMatching(/pending|retrying|paused/) });
  const goOn = async () => {
    state.down.clear();
    if (why === "paused") await run(() => pauseIntegration(ports, aCall(), { integrationId }, false));
    for (let turn = 0; turn < 4; turn += 1) await settle(service);
  };
  const here = () =>
    run(async () => {
      const saved = await ports.groups.read("team");
      return [...(await ports.groups.membersAmong("team", saved?.version ?? 0, people))].sort();
    });
  const there = async () => {
    const names = new Map([...remoteIds].map(([userName, id]) => [id, userName.split("@")[0] ?? ""]));
    const [group] = await service.groups("one");
    return (group?.members ?? []).map((id) => names.get(id)).sort();
  };
  return { service, key, keep, goOn, here, there, save };
};

const ways = ["paused", "down"] as const;

test.each(ways)("a bind that keeps and waits (%s) makes all who are there members", async (why) => {
  const { goOn, here, there } = await given(why);
  await goOn();
  expect(await here()).toEqual(people);
  expect(await there()).toEqual(people);
});

test.each(ways)(
  "who is taken out of a group whose bind keeps and waits (%s) is not taken back",
  async (why) => {
    const { service, goOn, here, there } = await given(why);
    await service.run(() => service.remove("team", "ada"));
    await goOn();
    expect(await here()).toEqual(["bo", "cy", "dee"]);
    expect(await there()).toEqual(["bo", "cy", "dee"]);
  },
);

test.each(ways)(
  "who is no longer among the members that are saved meanwhile (%s) is not taken back",
  async (why) => {
    const { goOn, here, there, save } = await given(why);
    await save(["bo", "cy"]);
    await goOn();
    expect(await here()).toEqual(["bo", "cy", "dee"]);
    expect(await there()).toEqual(["bo", "cy", "dee"]);
  },
);

test.each(ways)(
  "who is taken out by a call for the bound group meanwhile (%s) is not taken back",
  async (why) => {
    const { service, key, goOn, here, there } = await given(why);
    const { run, ports, aCall } = service;
    await run(() => changeGroupMembers(ports, aCall(), key, { remove: ["ada"] }));
    await goOn();
    expect(await here()).toEqual(["bo", "cy", "dee"]);
    expect(await there()).toEqual(["bo", "cy", "dee"]);
  },
);

test.each(ways)(
  "who is taken out of the integration meanwhile (%s) is no member by the bind",
  async (why) => {
    const { service, key, goOn, here, there } = await given(why);
    const { run, ports, aCall } = service;
    const { integrationId } = key;
    await service.pass(10);
    await run(() => deprovisionUser(ports, aCall(), { integrationId, userId: "dee" }, {})).catch(
      () => undefined,
    );
    await goOn();
    expect(await here()).toEqual(["ada", "bo", "cy"]);
    expect(await there()).not.toContain("dee");
  },
);

test("whoever is taken out before a bind is asked to keep again is kept", async () => {
  const { service, keep, goOn, here } = await given("paused");
  await service.run(() => service.remove("team", "ada"));
  await service.pass(10);
  await keep();
  await goOn();
  expect(await here()).toEqual(people);
});

test("a bind that has waited for longer than it is known who left makes nobody a member, and is held", async () => {
  const { service, key, goOn, here, there } = await given("paused");
  await service.run(() => service.remove("team", "ada"));
  await service.pass(32 * 86_400_000);
  await goOn();
  expect(await here()).toEqual(["bo"]);
  expect(await there()).toEqual(people);
  const link = await service.run(() =>
    service.ports.groupLinks.read({ integrationId: key.integrationId, id: "team" }),
  );
  expect(link?.observed.lastError).toMatchObject({ code: "deprovisions-held" });
});

test("who is taken out while a bind that keeps looks at the group there is not taken back", async () => {
  const { service, keep, goOn, here, there } = await given("down");
  service.state.down.clear();
  let isOut = false;
  service.state.before = async (what) => {
    if (isOut || !what.startsWith("hold group team")) return;
    isOut = true;
    await service.remove("team", "ada");
  };
  await keep();
  expect(isOut).toBe(true);
  await goOn();
  expect(await here()).toEqual(["bo", "cy", "dee"]);
  expect(await there()).toEqual(["bo", "cy", "dee"]);
});

const minuteMs = 60_000;

/** A worker that carries out what waits, and is stopped at its request of that number. Whether it was. */
type Stop = (service: Awaited<ReturnType<typeof given>>["service"], at: number) => Promise<boolean>;
const stops: Record<string, Stop> = {
  "that dies": async ({ run, otherPorts, idOf, now }, at) => {
    const { promise: death, resolve } = Promise.withResolvers<void>();
    const worker = { diesAt: at, die: resolve };
    const drain = () => drainIntegration(otherPorts(), idOf("one"), { until: now() + minuteMs });
    await run(() => workers.run(worker, () => Promise.race([drain().then(() => undefined), death])));
    return worker.diesAt < 0;
  },
  "whose store fails": async ({ run, otherPorts, idOf, now, state }, at) => {
    let left = at;
    state.before = (what) => {
      left -= 1;
      if (left === -1) throw unavailable(what);
    };
    await run(() => drainIntegration(otherPorts(), idOf("one"), { until: now() + minuteMs })).catch(
      () => undefined,
    );
    state.before = undefined;
    return left < 0;
  },
};

test.each(Object.entries(stops))(
  "a worker %s at any request of such a bind takes nobody back",
  { timeout: 120_000 },
  async (_, stop) => {
    let at = 0;
    for (let isStopped = true; isStopped; at += 1) {
      const { service, key, here, there } = await given("paused");
      const { run, ports, aCall } = service;
      await run(() => service.remove("team", "ada"));
      await run(() => pauseIntegration(ports, aCall(), { integrationId: key.integrationId }, false));
      isStopped = await stop(service, at);
      for (let turn = 0; turn < 4; turn += 1) {
        await service.pass(3 * minuteMs);
        await run(() => recoverAttempts(ports, { until: service.now() + 20_000 }));
        await settle(service);
      }
      expect(await here(), `at ${at}`).toEqual(["bo", "cy", "dee"]);
      expect(await there(), `at ${at}`).toEqual(["bo", "cy", "dee"]);
    }
    expect(at).toBeGreaterThan(30);
  },
);
