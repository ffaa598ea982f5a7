import { expect, test } from "vitest";
import { changeDirectoryGroup } from "../../../shared/directory/change-directory-group.ts";
import { patchUser, saveUser } from "../../../shared/directory/save-user.ts";
import { copyOf } from "../../../shared/memory/request.ts";
import { dispatchChange } from "../../../shared/provisioning/automatic/dispatch-change.ts";
import { deleteUser } from "../../../shared/provisioning/calls/delete-user.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import { aUser, openService, type Service } from "./service.ts";

const ada = { kind: "user", id: "ada" } as const;
const dispatch = ({ run, ports }: Service, ref: { kind: "user" | "group"; id: string } = ada) =>
  run(() => dispatchChange(ports, ref));
const workOf = ({ memory, idOf }: Service, name: string, userId = "ada") =>
  memory.userLinks.get(`${userId}#${idOf(name)}`)?.work;

/** Ada in two integrations, and a change of hers that is not dispatched yet. */
const given = async (changes = {}): Promise<Service> => {
  const service = await openService(["one", "two", "three"]);
  await service.save("ada");
  for (const name of ["one", "two"]) await service.assign(name, "ada");
  service.sent.length = 0;
  await service.patch("ada", { jobTitle: "Countess", ...changes });
  return service;
};

test("a change is due in each integration that holds the object, and wakes each once", async () => {
  const service = await given();
  expect(service.memory.users.get("ada")?.changed).toBeDefined();
  await dispatch(service);
  for (const name of ["one", "two"])
    expect(workOf(service, name)).toMatchObject({ state: "pending", urgency: 1 });
  expect(service.woken.toSorted()).toEqual(["one", "two"].map(service.idOf).toSorted());
  expect(service.memory.users.get("ada")?.changed).toBeUndefined();
  expect(service.sent).toEqual([]);
});

test("a change that is dispatched again writes nothing and wakes nobody", async () => {
  const service = await given();
  await dispatch(service);
  const before = copyOf([...service.memory.userLinks]);
  service.woken.length = 0;
  await dispatch(service);
  expect([...service.memory.userLinks]).toEqual(before);
  expect(service.woken).toEqual([]);
});

test("two that dispatch the same change at once leave it due", async () => {
  const service = await given();
  const { run, ports } = service;
  await run(() => Promise.all([dispatchChange(ports, ada), dispatchChange(ports, ada)]));
  for (const name of ["one", "two"]) expect(workOf(service, name)).toMatchObject({ state: "pending" });
  expect(service.memory.users.get("ada")?.changed).toBeUndefined();
});

test("a change that comes while another is dispatched keeps its mark", async () => {
  const service = await given();
  const { state, ports, aCall } = service;
  state.before = async (what) => {
    if (!what.startsWith("note user ada as dispatched")) return;
    state.before = undefined;
    await patchUser({ ports, call: aCall() }, "ada", (user) => ({ ...user, jobTitle: "Duchess" }));
  };
  await dispatch(service);
  expect(service.memory.users.get("ada")?.changed).toBeDefined();
});

test("who is suspended goes first", async () => {
  const service = await given({ suspended: true });
  await dispatch(service);
  expect(workOf(service, "one")).toMatchObject({ state: "pending", urgency: 0 });
});

test("what a call carries out itself is left to it until its time is over", async () => {
  const service = await openService(["one", "two"]);
  await service.save("ada");
  for (const name of ["one", "two"]) await service.assign(name, "ada");
  const { run, ports, aCall, now } = service;
  const carriedOut = { integrationId: service.idOf("one"), until: now() + 20_000 };
  await run(() =>
    saveUser({ ports, call: aCall(), carriedOut }, "ada", aUser("ada", { jobTitle: "Countess" })),
  );
  await dispatch(service);
  expect(workOf(service, "one")).toBeUndefined();
  expect(workOf(service, "two")).toMatchObject({ state: "pending" });
  expect(service.memory.users.get("ada")?.changed).toBeDefined();
  await service.pass(21_000);
  await dispatch(service);
  expect(workOf(service, "one")).toMatchObject({ state: "pending" });
  expect(service.memory.users.get("ada")?.changed).toBeUndefined();
});

test("a leaver whose call has died is taken out of everything", async () => {
  const service = await openService(["one"]);
  await service.save("ada");
  await service.bind("one", "poets", ["ada"]);
  await dies(service, "assign user link ada", () => deleteUser(service.ports, service.aCall(), "ada"));
  await service.pass(60_000);
  await dispatch(service);
  expect(workOf(service, "one")).toMatchObject({ state: "pending", urgency: 0 });
  expect(service.memory.userLinks.get(`ada#${service.idOf("one")}`)?.assignment).toMatchObject({
    left: expect.anything(),
    removal: "delete",
  });
});

test("who comes back while an old leaver call is carried on keeps what the later call gave", async () => {
  const service = await openService(["one"]);
  await service.save("ada");
  await service.assign("one", "ada");
  await dies(service, "assign user link ada", () => deleteUser(service.ports, service.aCall(), "ada"));
  await service.pass(60_000);
  const { state, ports, aCall, idOf } = service;
  state.before = async (what) => {
    if (!what.startsWith("read user links of ada")) return;
    state.before = undefined;
    await provisionUser(ports, aCall(), { integrationId: idOf("one"), userId: "ada" }, aUser("ada"));
  };
  await dispatch(service);
  expect(service.memory.users.get("ada")?.deleted).toBe(false);
  expect(service.memory.userLinks.get(`ada#${idOf("one")}`)?.assignment).toMatchObject({
    direct: true,
    excluded: false,
  });
});

test("a group from which somebody is taken goes first, and one that gains somebody after", async () => {
  const service = await openService(["one"]);
  for (const userId of ["ada", "bob"]) await service.save(userId);
  await service.bind("one", "poets", ["ada"]);
  const groupWork = () => service.memory.groupLinks.get(`poets#${service.idOf("one")}`)?.work;
  await service.members("poets", { add: ["bob"] });
  await dispatch(service, { kind: "group", id: "poets" });
  expect(groupWork()).toMatchObject({ state: "pending", urgency: 1 });
  await service.members("poets", { remove: ["ada"] });
  await dispatch(service, { kind: "group", id: "poets" });
  expect(groupWork()).toMatchObject({ state: "pending", urgency: 0 });
  expect(service.memory.groups.get("poets")?.saved.changed).toBeUndefined();
});

test("a change of a group that comes while another is dispatched keeps its mark", async () => {
  const service = await openService(["one"]);
  for (const userId of ["ada", "bob"]) await service.save(userId);
  await service.bind("one", "poets", ["ada"]);
  await service.members("poets", { add: ["bob"] });
  const { state, ports, aCall } = service;
  state.before = async (what) => {
    if (!what.startsWith("note group poets as dispatched")) return;
    state.before = undefined;
    await changeDirectoryGroup({ ports, call: aCall() }, "poets", async () => ({
      name: "bards",
      add: [],
      remove: [],
    }));
  };
  await dispatch(service, { kind: "group", id: "poets" });
  expect(service.memory.groups.get("poets")?.saved.changed).toBeDefined();
});

/** The call dies before that request of a store. */
const dies = async ({ state, run }: Service, before: string, call: () => Promise<unknown>): Promise<void> => {
  await run(
    () =>
      new Promise<void>((died) => {
        state.before = (what) => {
          if (!what.startsWith(before)) return undefined;
          state.before = undefined;
          died();
          return new Promise(() => undefined);
        };
        void call();
      }),
  );
};
