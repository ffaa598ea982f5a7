import { expect, test } from "vitest";
import type { Actor } from "../../../shared/model/event.ts";
import { unbindGroup } from "../../../shared/provisioning/calls/unbind-group.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  expectOk,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();
const actor: Actor = {
  initiatedBy: { type: "admin", id: "late" },
  authMethod: "token",
  clientIp: "127.0.0.1",
  userAgent: "",
  correlation: { id: "late", type: "request" },
};

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const [first = "", second = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [first]);
  return { provider, integration, group, first, second };
};

/** The unbinding of a caller behind whose first read of the binding, or before whose first write, `other` takes place. */
const unbindAround = async (
  { integration: { integrationId }, group: { groupId } }: Awaited<ReturnType<typeof given>>,
  at: "read" | "write",
  other: () => Promise<unknown>,
) => {
  let isDone = false;
  const once = async () => {
    if (isDone) return;
    isDone = true;
    await other();
  };
  const groupLinks: Ports["groupLinks"] = {
    ...ports.groupLinks,
    async read(key) {
      const link = await ports.groupLinks.read(key);
      if (at === "read") await once();
      return link;
    },
    async assign(...change) {
      if (at === "write") await once();
      return ports.groupLinks.assign(...change);
    },
  };
  const until = Date.now() + 20_000;
  const late: Ports = Object.create(ports, { groupLinks: { value: groupLinks } });
  return unbindGroup(late, { actor, sendUntil: until, answerUntil: until }, { integrationId, groupId });
};

test("a group that was deleted, and is bound again while another call unbinds it, is unbound and not deleted", async () => {
  const world = await given();
  const { group, provider, first } = world;
  expectOk(await usher.call("DELETE", `${group.path}?action=delete`));
  const bind = () => usher.call("PUT", group.path, { name: group.name, members: [first] });
  expect(await unbindAround(world, "read", bind)).toMatchObject({ state: "deprovisioned" });
  expect(await provider.groups()).toMatchObject([{ displayName: group.name }]);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ bound: false, state: "deprovisioned" });
});

test("one who joins a group while another call unbinds it is let go of with the others", async () => {
  const world = await given();
  const { group, integration, first, second } = world;
  const join = () => usher.call("POST", `${group.path}/members`, { add: [second] });
  expect(await unbindAround(world, "write", join)).toMatchObject({ state: "deprovisioned" });
  for (const userId of [first, second])
    expect((await usher.call("GET", `${integration.path}/users/${userId}`)).body.active).toBe(false);
});
