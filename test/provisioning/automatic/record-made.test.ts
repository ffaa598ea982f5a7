import { expect, test } from "vitest";
import { saveGroup } from "../../../shared/directory/save-group.ts";
import { saveUser } from "../../../shared/directory/save-user.ts";
import { unavailable } from "../../../shared/memory/request.ts";
import { recordMade } from "../../../shared/provisioning/automatic/record-made.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { given } from "../../sources/given.ts";

const user = { email: "ada@example.com", firstname: "Ada", lastname: "Lovelace" };

/** A user and a group, made by a process that died before it came to their events; nothing holds them. */
const madeAndDied = async () => {
  const world = given();
  const dead = {
    ports: { ...world.ports, events: { put: () => Promise.reject(unavailable()) } } as Ports,
    call: world.call,
  };
  await saveUser(dead, "ada", user);
  await saveGroup(dead, "eng", { name: "Engineering", members: ["ada"] });
  expect(world.events()).toEqual([]);
  const sweep = (ports = world.ports) => recordMade(ports, { until: ports.clock.now() + 60_000 });
  return { ...world, dead, sweep };
};

test("who was made by a process that died has the event after the next run, once", async () => {
  const { events, sweep, pass } = await madeAndDied();
  for (let run = 0; run < 4; run += 1) {
    expect(await sweep()).toEqual([]);
    expect(events()).toMatchObject([
      { event_type: "user_create", resource: { id: "ada" }, correlation: { id: "c1" } },
      { event_type: "group_create", resource: { id: "eng" }, members_added: ["ada"] },
    ]);
    pass(60_000);
  }
});

test("events that the store does not take are put by a later run, however late", async () => {
  const { events, sweep, pass, dead } = await madeAndDied();
  expect(await sweep(dead.ports)).toHaveLength(2);
  pass(3_600_000);
  expect(await sweep()).toEqual([]);
  expect(events()).toHaveLength(2);
});

test("who was made long ago and is on record is not read again", async () => {
  const { ports, call, sweep, pass, memory } = await madeAndDied();
  await sweep();
  pass(120_000);
  await sweep();
  memory.events.clear();
  await sweep();
  expect(memory.events.size).toBe(0);
  await saveUser({ ports, call }, "bob", { ...user, email: "bob@example.com" });
  expect(await sweep()).toEqual([]);
  expect(memory.events.size).toBe(1);
});
