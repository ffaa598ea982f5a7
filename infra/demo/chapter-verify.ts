import { type BoundChapter, pathsOf, untilEqual, untilJob } from "./chapter.ts";
import { userOf } from "./directory.ts";
import { counted } from "./progress.ts";

type Item = { finding: string; state: string; userId?: string; groupId?: string; seen?: unknown };

const patchOp = (...Operations: object[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations,
});

/** What somebody changes at the provider past Usher is found, and put right; what is nobody's here is left alone. */
export const verifyAndRepair = async (chapter: BoundChapter): Promise<void> => {
  const { step, provider, directory, check, integrationId } = chapter;
  const paths = pathsOf(integrationId);
  const accountOf = (userId: string) => {
    const name = userOf(directory, userId).email.toLowerCase();
    return provider.users().find(({ userName }) => userName === name)?.id ?? "";
  };
  let visitor = "";

  /** Each finding as `changed yuki.tanaka`, in order. */
  const verify = async (
    call: Parameters<typeof untilJob>[0],
    repair: boolean,
  ): Promise<[string[], Item[]]> => {
    const wanted = { mode: "verify", ...(repair && { repair }) };
    const { syncId } = await call("POST", paths.syncs, 202, wanted);
    await untilJob(call, paths.sync(syncId), repair ? "applied" : "ready");
    const { items = [] } = await call("GET", `${paths.sync(syncId)}/items?limit=500`, 200);
    const found = items as Item[];
    const names = found.map(
      ({ finding, userId, groupId, seen }) => `${finding} ${userId ?? groupId ?? seen}`,
    );
    return [names.sort(), found];
  };

  await step("drift", "Six things are changed there by hand: a verification finds each", async (call) => {
    const before = provider.requests();
    const groupOf = (name: string) => provider.groups().find(({ displayName }) => displayName === name)?.id;
    const yuki = accountOf("yuki.tanaka");
    const title = { op: "replace", path: "title", value: "Changed by hand" };
    await provider.byHand("PATCH", `/Users/${yuki}`, patchOp(title));
    const opened = { op: "replace", path: "active", value: true };
    await provider.byHand("PATCH", `/Users/${accountOf("bao.tran")}`, patchOp(opened));
    const gone = { op: "remove", path: `members[value eq "${yuki}"]` };
    await provider.byHand("PATCH", `/Groups/${groupOf("Engineering")}`, patchOp(gone));
    const renamed = { op: "replace", path: "displayName", value: "Renamed by hand" };
    await provider.byHand("PATCH", `/Groups/${groupOf("Customer care")}`, patchOp(renamed));
    await provider.byHand("DELETE", `/Users/${accountOf("giulia.dellacqua")}`);
    visitor = await provider.byHand("POST", "/Users", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: "visitor@example.com",
    });
    const [found] = await verify(call, false);
    const wanted = [
      "active bao.tran",
      "changed yuki.tanaka",
      "member-missing yuki.tanaka",
      "missing giulia.dellacqua",
      "renamed customer-support",
      "unknown visitor@example.com",
    ];
    check(found.join() === wanted.join(), `the verification found ${found.join(", ") || "nothing"}`);
    return [`${found.join(", ")}; ${counted(provider.requests() - before, "request")}`];
  });

  await step("repair", "Repaired; the account that nobody here knows is left alone", async (call) => {
    const [, items] = await verify(call, true);
    const open = items.filter(({ state, finding }) => state !== "repaired" && finding !== "unknown");
    check(open.length === 0, `${open.map(({ finding, state }) => `${finding} ${state}`).join(", ")}`);
    check(
      provider.users().some(({ id }) => id === visitor),
      "a repair has removed an account that is nobody's here",
    );
    await provider.byHand("DELETE", `/Users/${visitor}`);
    await untilEqual(chapter);
    const [found] = await verify(call, false);
    check(found.length === 0, `after the repair there is still ${found.join(", ")}`);
    return [`${counted(items.length - 1, "finding")} repaired; nothing is found any more`];
  });
};
