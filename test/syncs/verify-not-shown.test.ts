import { expect, test } from "vitest";
import { verifyObject } from "../../shared/verification/verify-object.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { sync } from "./support.ts";
import { given, groupStatus, idOf, patch } from "./verify-support.ts";

const verifyOne = (service: Service, kind: "user" | "group", id: string) =>
  service.run(() =>
    verifyObject(service.ports, service.aCall(), { integrationId: service.idOf("one"), kind, id }, {}),
  );
const isWrite = ({ method }: { method: string }) => method !== "GET";

/** Answers leave out `name` where `isHidden` says so of the resource. */
const hide = (service: Service, name: string, isHidden: (resource: object) => boolean = () => true) => {
  service.state.lies = (_, body) => {
    const without = (resource: object) => ({ ...resource, ...(isHidden(resource) && { [name]: undefined }) });
    const answer = JSON.parse(body || "{}");
    const shown = answer.Resources
      ? { ...answer, Resources: answer.Resources.map(without) }
      : without(answer);
    return body === "" ? "" : JSON.stringify(shown);
  };
};
const isEmpty = (resource: object) => "members" in resource && (resource.members as []).length === 0;

test("who is not shown by lists nor by an id is not missing, and that it cannot be told is said", async () => {
  const service = await given();
  await service.bind("one", "guild", ["ada"]);
  hide(service, "members");
  service.sent.length = 0;
  const { job, items } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "done", counts: { membersNotShown: 2 } });
  expect(items).toEqual([]);
  expect(service.sent.filter(isWrite)).toEqual([]);
  expect((await groupStatus(service, "team")).state).toBe("in_sync");
  expect(await verifyOne(service, "group", "team")).toEqual({
    findings: [],
    state: "in_sync",
    notShown: ["members"],
  });
});

test("a group that somebody has emptied is found, where empty groups are shown without members", async () => {
  const service = await given();
  await service.bind("one", "guild", ["ada"]);
  const [team] = await service.groups("one");
  for (const id of team?.members ?? [])
    await patch(service, `/Groups/${team?.id}`, { op: "remove", path: `members[value eq "${id}"]` });
  hide(service, "members", isEmpty);
  const one = await verifyOne(service, "group", "team");
  expect(one.findings.map(({ finding }) => finding)).toEqual(Array(3).fill("member-missing"));
  expect(one).not.toHaveProperty("notShown");
  const { job } = await sync(service, { mode: "verify", repair: true });
  expect(job.counts).toEqual({ "member-missing": 3, repaired: 3 });
  expect((await service.groups("one"))[0]?.members).toHaveLength(3);
});

test("that a group without members is shown without them takes no look at others", async () => {
  const service = await given();
  await service.bind("one", "guild", ["ada"]);
  await service.members("guild", { remove: ["ada"] });
  await service.bind("one", "guild", []);
  hide(service, "members", isEmpty);
  service.sent.length = 0;
  expect(await verifyOne(service, "group", "guild")).toEqual({ findings: [], state: "in_sync" });
  expect(service.sent).toHaveLength(1);
});

test("accounts of which it is not shown whether they are open are counted", async () => {
  const service = await given();
  await patch(service, `/Users/${await idOf(service, "dee")}`, {
    op: "replace",
    path: "active",
    value: true,
  });
  hide(service, "active");
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: { activeNotShown: 4 } });
  expect(await verifyOne(service, "user", "dee")).toMatchObject({ findings: [], notShown: ["active"] });
});
