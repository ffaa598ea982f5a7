import { dispatchChange } from "../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { deprovisionUser } from "../../shared/provisioning/calls/deprovision-user.ts";
import { getGroupStatus } from "../../shared/provisioning/status/group-status.ts";
import { getUserStatus } from "../../shared/provisioning/status/user-status.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";

type Options = Parameters<typeof openService>[1];

/** Ada, Bo and Cy are in the team; Dee was, and is shut out. */
export const given = async (options: Options = {}): Promise<Service> => {
  const service = await openService(["one"], options);
  await service.save("ada", { jobTitle: "Countess" });
  for (const id of ["bo", "cy", "dee"]) await service.save(id);
  await service.bind("one", "team", ["ada", "bo", "cy"]);
  await service.assign("one", "dee");
  const integrationId = service.idOf("one");
  await service.run(() =>
    deprovisionUser(service.ports, service.aCall(), { integrationId, userId: "dee" }, {}),
  );
  await service.pass(5 * 60_000);
  service.sent.length = 0;
  return service;
};

export const idOf = async (service: Service, userId: string): Promise<string> =>
  (await service.accounts("one")).find(({ userName }) => userName === `${userId}@example.com`)?.id ?? "";

export const patch = (service: Service, path: string, ...operations: object[]) =>
  service.byHand("one", "PATCH", path, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: operations,
  });

/** One of each kind. */
export const drift = async (service: Service) => {
  const set = async (userId: string, path: string, value: unknown) =>
    patch(service, `/Users/${await idOf(service, userId)}`, { op: "replace", path, value });
  const eve = service.provider("one").addUser({ userName: "eve@example.com" });
  await set("ada", "title", "Duke");
  await set("bo", "active", false);
  await set("dee", "active", true);
  await service.byHand("one", "DELETE", `/Users/${await idOf(service, "cy")}`);
  const [team] = await service.groups("one");
  await patch(
    service,
    `/Groups/${team?.id}`,
    { op: "remove", path: `members[value eq "${await idOf(service, "ada")}"]` },
    { op: "add", path: "members", value: [{ value: await idOf(service, "dee") }, { value: eve }] },
    { op: "replace", path: "displayName", value: "gang" },
  );
  service.sent.length = 0;
  return { eve };
};

export const userStatus = (service: Service, userId: string) =>
  service.run(() => getUserStatus(service.ports, service.idOf("one"), userId));
export const groupStatus = (service: Service, groupId: string) =>
  service.run(() => getGroupStatus(service.ports, service.idOf("one"), groupId));

/** The guard lets nothing go, and who was counted is counted no longer. */
export const holdAll = async (service: Service): Promise<void> => {
  await service.pass(2 * 3_600_000);
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.guard = { users: 0, percent: 0, most: 0 };
};

/** What the directory has changed is carried out, as far as it is due now. */
export const goOn = async (service: Service, groupIds: string[], userIds: string[] = []): Promise<void> => {
  for (const id of userIds) await service.run(() => dispatchChange(service.ports, { kind: "user", id }));
  for (const id of groupIds) await service.run(() => dispatchChange(service.ports, { kind: "group", id }));
  await service.run(() =>
    drainIntegration(service.ports, service.idOf("one"), { until: service.now() + 60_000 }),
  );
};
