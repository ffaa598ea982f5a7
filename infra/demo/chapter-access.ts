import { type BoundChapter, pathsOf } from "./chapter.ts";
import { groupOf, removeUser, settle, userOf } from "./directory.ts";

/** The user that the audit is asked about: held by one group alone, which she leaves. */
export const contractor = "rosa.quispe";
/** The step whose events the audit shows. */
export const contractorLeaves = "contract-ends";

/** Access ends, rests, comes back, and ends for good. */
export const changeAccess = async ({
  step,
  directory,
  check,
  integrationId,
}: BoundChapter): Promise<void> => {
  const paths = pathsOf(integrationId);

  await step(
    contractorLeaves,
    "Rosa leaves the only group that holds her: she is deprovisioned",
    async (call) => {
      await call("POST", paths.members("production-databases"), 200, { remove: [contractor] });
      groupOf(directory, "production-databases").members.delete(contractor);
      const status = await call("GET", paths.user(contractor), 200);
      const { state, active } = status;
      check(state === "deprovisioned" && active === false, `${contractor} is ${state}, active ${active}`);
      return undefined;
    },
  );

  await step("suspend", "Suspend Diego and Bao", async (call) => {
    for (const userId of ["diego.munoz", "bao.tran"]) {
      const user = { ...userOf(directory, userId), suspended: true };
      const { action } = await call("PUT", paths.user(userId), 200, user);
      check(action === "deprovisioned", `${userId} was ${action} instead of deprovisioned`);
      directory.users.set(userId, user);
      directory.direct.add(userId);
    }
    return undefined;
  });

  await step("reactivate", "Diego is back", async (call) => {
    const user = { ...userOf(directory, "diego.munoz"), suspended: false };
    const { action } = await call("PUT", paths.user("diego.munoz"), 200, user);
    check(action === "reactivated", `diego.munoz was ${action} instead of reactivated`);
    directory.users.set("diego.munoz", user);
    return undefined;
  });

  await step("leaver", "Gabriels leaves the company: his account is deleted everywhere", async (call) => {
    const { receipts = [] } = await call("DELETE", "/users/gabriels.berzins", 200);
    const actions = receipts.map(({ action }) => action).join();
    check(actions === "deleted", `the leaver's receipts tell ${actions} instead of deleted`);
    removeUser(directory, "gabriels.berzins");
    return undefined;
  });
  settle(directory);
};
