import { expect, test } from "vitest";
import { updateIntegration } from "../../shared/integrations/update-integration.ts";
import { given, importUsers, list, scan } from "./support.ts";

const all = { allNew: true } as const;
const alone = (userName: string, more = {}) => ({
  userName,
  emails: [{ value: `${userName.replace(/@.*/, "")}.private@home.example.com` }],
  ...more,
});

test.each([
  ["quser", "quser"],
  ["QUser", "quser"],
  ["quser", "QUSER"],
  ["quser@corp.example.com", "quser@corp.example.com"],
])(
  "a user of username %s matches the account of userName %s, and nobody is made twice",
  async (username, userName) => {
    const { service, ids } = await given({ q: alone(userName) });
    await service.save("qq", { email: "qq@corp.example.com", username });
    await scan(service);
    expect((await list(service)).items).toEqual([
      expect.objectContaining({ status: "matched", userId: "qq", remoteId: ids.q }),
    ]);
    expect((await importUsers(service, all)).rows).toEqual([]);
    const named = { users: [{ remoteId: ids.q ?? "" }], matched: "link" as const };
    expect((await importUsers(service, named)).rows).toEqual([
      { remoteId: ids.q, userId: "qq", result: "linked" },
    ]);
  },
);

test("a username that is an address of the account matches, whatever the account is called", async () => {
  const { service } = await given({ q: { userName: "xx", emails: [{ value: "via@corp.example.com" }] } });
  await service.save("qq", { email: "qq@corp.example.com", username: "Via@corp.example.com" });
  await scan(service);
  expect((await list(service)).items).toMatchObject([{ status: "matched", userId: "qq" }]);
});

test("a user who has been given the username since the scan matches at the import", async () => {
  const { service, ids } = await given({ q: alone("quser") });
  await scan(service);
  await service.save("qq", { email: "qq@corp.example.com", username: "quser" });
  expect((await importUsers(service, all)).rows).toEqual([
    expect.objectContaining({ remoteId: ids.q, userId: "qq", result: "skipped" }),
  ]);
});

test("a user who has given the username up since the scan matches no longer", async () => {
  const { service, ids } = await given({ q: alone("quser") });
  await service.save("qq", { email: "qq@corp.example.com", username: "quser" });
  await scan(service);
  await service.patch("qq", { username: "other" });
  expect((await list(service)).items).toMatchObject([{ status: "new" }]);
  const named = await importUsers(service, { users: [{ remoteId: ids.q ?? "" }] });
  expect(named.rows).toMatchObject([{ userId: "quser", result: "created" }]);
});

test("two users of one username are a conflict, wherever the directory lists them", async () => {
  const { service } = await given({ q: alone("quser") });
  for (const id of ["aa", "zz"])
    await service.save(id, { email: `${id}@corp.example.com`, username: id === "aa" ? "quser" : "QUser" });
  // More than one page of the directory lies between them.
  for (let at = 0; at < 520; at += 1) await service.save(`m${at}`, { email: `m${at}@corp.example.com` });
  await scan(service);
  expect((await list(service)).items).toMatchObject([{ status: "conflict", userIds: ["aa", "zz"] }]);
});

test("what the mapping makes of a user matches, too: a template as userName, an employee number as externalId", async () => {
  const { service, ids } = await given({
    t: alone("ada.byron"),
    n: alone("whoever", { externalId: "4711" }),
  });
  await service.run(() =>
    updateIntegration(
      service.ports,
      service.aCall(),
      { integrationId: service.idOf("one") },
      {
        attributeMappings: [
          { target: "userName", template: "{firstname}.{lastname}" },
          { target: "externalId", source: "employeeIdentifier" },
        ],
        test: { mode: "read" },
      },
    ),
  );
  await service.save("u1", { email: "u1@corp.example.com", firstname: "Ada", lastname: "Byron" });
  await service.save("u2", { email: "u2@corp.example.com", employeeIdentifier: "4711" });
  await scan(service);
  const { items } = await list(service);
  const of = (remoteId: string | undefined) => items.find((one) => one.remoteId === remoteId);
  expect(of(ids.t)).toMatchObject({ status: "matched", userId: "u1" });
  expect(of(ids.n)).toMatchObject({ status: "matched", userId: "u2" });
});
