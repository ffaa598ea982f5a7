import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { SecretStore, StoredSecret } from "../../shared/provisioning/ports/integration-store.ts";
import { newId } from "./samples.ts";

export const secretOf = (clientSecret: string): StoredSecret => ({
  credentials: { type: "bearer", clientSecret },
  origin: "https://app.strongdm.com",
});

/** What every SecretStore owes its callers. */
export const secretStoreContract = (makeStore: () => Promise<SecretStore>): void => {
  it("keeps versions that never change, the latest beside the one before", async () => {
    const secrets = await makeStore();
    const [id, first, second] = [newId("int"), randomUUID(), randomUUID()];
    await secrets.create(id, first, secretOf("one"));
    expect(await secrets.read(id, first)).toEqual(secretOf("one"));
    await secrets.put(id, second, secretOf("two"));
    expect(await secrets.read(id, second)).toEqual(secretOf("two"));
    const later = await makeStore();
    expect(await later.read(id, first)).toEqual(secretOf("one"));
    expect(await secrets.hasVersion(id, first)).toBe(true);
    expect(await secrets.hasVersion(id, second)).toBe(true);
    expect(await secrets.hasVersion(id, randomUUID())).toBe(false);
  });

  it("may be told to create or put the same again", async () => {
    const secrets = await makeStore();
    const [id, first, second] = [newId("int"), randomUUID(), randomUUID()];
    for (const _ of [1, 2]) await secrets.create(id, first, secretOf("one"));
    for (const _ of [1, 2]) await secrets.put(id, second, secretOf("two"));
    await secrets.create(id, first, secretOf("one"));
    expect(await (await makeStore()).read(id, second)).toEqual(secretOf("two"));
    await expect(secrets.create(id, randomUUID(), secretOf("other"))).rejects.toMatchObject({
      code: "store-unavailable",
    });
  });

  it("schedules the deletion once, twice, or of nothing", async () => {
    const secrets = await makeStore();
    const [id, version] = [newId("int"), randomUUID()];
    await secrets.create(id, version, secretOf("one"));
    await secrets.scheduleDeletion(id);
    await secrets.scheduleDeletion(id);
    await secrets.scheduleDeletion(newId("int"));
    expect(await secrets.hasVersion(id, version)).toBe(false);
    expect(await secrets.hasVersion(newId("int"), version)).toBe(false);
    expect(await (await makeStore()).read(id, version)).toBeUndefined();
  });

  it("answers that a secret or a version is gone", async () => {
    const secrets = await makeStore();
    const [id, version] = [newId("int"), randomUUID()];
    expect(await secrets.read(id, version)).toBeUndefined();
    await secrets.create(id, version, secretOf("one"));
    expect(await secrets.read(id, randomUUID())).toBeUndefined();
  });

  it("makes a secret that is gone anew with the version that is put", async () => {
    const secrets = await makeStore();
    const [id, version] = [newId("int"), randomUUID()];
    for (const _ of [1, 2]) await secrets.put(id, version, secretOf("one"));
    expect(await secrets.hasVersion(id, version)).toBe(true);
    expect(await secrets.read(id, version)).toEqual(secretOf("one"));
  });

  it("restores a secret that is scheduled for deletion before a version is put", async () => {
    const secrets = await makeStore();
    const [id, first, second] = [newId("int"), randomUUID(), randomUUID()];
    await secrets.create(id, first, secretOf("one"));
    await secrets.scheduleDeletion(id);
    await secrets.put(id, second, secretOf("two"));
    expect(await secrets.hasVersion(id, second)).toBe(true);
    expect(await (await makeStore()).read(id, second)).toEqual(secretOf("two"));
    expect(await (await makeStore()).read(id, first)).toEqual(secretOf("one"));
  });
};
