import { expect, it } from "vitest";
import type { Claim, ClaimStore } from "../../shared/provisioning/ports/link-store.ts";
import { newId } from "./samples.ts";

/** What every ClaimStore owes its callers. */
export const claimStoreContract = (makeStore: () => Promise<ClaimStore>): void => {
  const makeClaim = (changes: Partial<Claim> = {}): Claim => ({
    integrationId: newId("int"),
    kind: "user",
    baseUrl: "https://a.example/scim",
    remoteId: "r1",
    ownerId: "u1",
    ...changes,
  });

  it("goes to the first, who may claim again, and not to the second", async () => {
    const claims = await makeStore();
    const claim = makeClaim();
    expect(await claims.ownerOf(claim)).toBeUndefined();
    expect(await claims.claim(claim)).toEqual({ ownerId: "u1" });
    expect(await claims.claim({ ...claim, ownerId: "u2" })).toEqual({ ownerId: "u1" });
    expect(await claims.claim(claim)).toEqual({ ownerId: "u1" });
    expect(await claims.ownerOf(claim)).toBe("u1");
  });

  it("goes to one of many at once, and all of them learn to whom", async () => {
    const claims = await makeStore();
    const claim = makeClaim();
    const tries = Array.from({ length: 10 }, (_, at) => claims.claim({ ...claim, ownerId: `u${at}` }));
    const owners = new Set((await Promise.all(tries)).map(({ ownerId }) => ownerId));
    expect(owners).toEqual(new Set([await claims.ownerOf(claim)]));
  });

  it("is void once made under another base URL", async () => {
    const claims = await makeStore();
    const claim = makeClaim();
    await claims.claim(claim);
    const moved = { ...claim, baseUrl: "https://b.example/scim", ownerId: "u2" };
    expect(await claims.ownerOf(moved)).toBeUndefined();
    expect(await claims.ownersOf(moved, ["r1"])).toEqual(new Map());
    expect(await claims.claim(moved)).toEqual({ ownerId: "u2" });
    expect(await claims.ownerOf(claim)).toBeUndefined();
  });

  it("is given up by its owner alone", async () => {
    const claims = await makeStore();
    const claim = makeClaim();
    await claims.claim(claim);
    await claims.release({ ...claim, ownerId: "u2" });
    await claims.release({ ...claim, baseUrl: "https://b.example/scim" });
    expect(await claims.ownerOf(claim)).toBe("u1");
    await claims.release(claim);
    await claims.release(claim);
    const next = await claims.claim({ ...claim, ownerId: "u2" });
    expect(next).toEqual({ ownerId: "u2", formerId: "u1" });
    expect(await claims.claim(claim)).toEqual(next);
  });

  it("tells nobody who had it under another base URL, or of an owner who comes back", async () => {
    const claims = await makeStore();
    const claim = makeClaim();
    await claims.claim(claim);
    await claims.release(claim);
    expect(await claims.ownersOf(claim, ["r1"])).toEqual(new Map());
    expect(await claims.claim(claim)).toEqual({ ownerId: "u1" });
    await claims.release(claim);
    const moved = { ...claim, baseUrl: "https://b.example/scim", ownerId: "u2" };
    expect(await claims.claim(moved)).toEqual({ ownerId: "u2" });
  });

  it("moves from the owner whose claim was seen, and not once it was made again", async () => {
    const claims = await makeStore();
    const claim = { ...makeClaim(), rev: 3 };
    await claims.claim(claim);
    const heir = { ...claim, ownerId: "u2", rev: 1 };
    const seen = await claims.claim(heir);
    expect(seen).toEqual({ ownerId: "u1", rev: 3 });
    await claims.claim({ ...claim, rev: 7 });
    expect(await claims.move(heir, seen)).toBe(false);
    expect(await claims.ownerOf(claim)).toBe("u1");
    expect(await claims.move(heir, await claims.claim(heir))).toBe(true);
    expect(await claims.move(heir, seen)).toBe(false);
    expect(await claims.claim(claim)).toEqual({ ownerId: "u2", formerId: "u1", rev: 1 });
  });

  it("moves to one of many at once, also where it was made without a revision", async () => {
    const claims = await makeStore();
    const claim = makeClaim();
    const seen = await claims.claim(claim);
    const moves = Array.from({ length: 10 }, (_, at) =>
      claims.move({ ...claim, ownerId: `h${at}`, rev: 1 }, seen),
    );
    expect((await Promise.all(moves)).filter(Boolean)).toHaveLength(1);
  });

  it("keeps integrations, kinds and remote ids of any form apart", async () => {
    const claims = await makeStore();
    const base = makeClaim();
    const remoteIds = [
      "a",
      "A",
      "a#b",
      "a/b",
      "%23",
      "#",
      " ",
      "é",
      "\ud800x",
      "user#a",
      "x".repeat(5_000),
      `${"x".repeat(5_000)}y`,
    ];
    for (const [at, remoteId] of remoteIds.entries())
      expect(await claims.claim({ ...base, remoteId, ownerId: `u${at}` })).toEqual({ ownerId: `u${at}` });
    expect(await claims.claim({ ...base, kind: "group", remoteId: "a", ownerId: "g1" })).toEqual({
      ownerId: "g1",
    });
    expect(
      await claims.claim({ ...base, integrationId: newId("int"), remoteId: "a", ownerId: "u9" }),
    ).toEqual({ ownerId: "u9" });
    const owners = await claims.ownersOf(base, [...remoteIds, "unclaimed"]);
    expect(owners).toEqual(new Map(remoteIds.map((remoteId, at) => [remoteId, `u${at}`])));
  });
};
