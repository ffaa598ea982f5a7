import { type BoundChapter, pathsOf, untilEqual } from "./chapter.ts";
import { settle, userOf } from "./directory.ts";
import { noInterns } from "./provider.ts";

/** The one whom the provider rejects at first. */
export const newcomer = "mateus.goncalves";

/** A token that is no longer right, and a user that the provider does not take: both are told, and repaired. */
export const failAndRepair = async (chapter: BoundChapter): Promise<void> => {
  await renewToken(chapter);
  await takeNewcomer(chapter);
  settle(chapter.directory);
};

const renewToken = async (chapter: BoundChapter) => {
  const { step, provider, directory, tokens, check, integrationId } = chapter;
  const paths = pathsOf(integrationId);
  const reauth = (clientSecret: string) => ({ credentials: { type: "bearer", clientSecret } });
  const user = { ...userOf(directory, "zoe.lindqvist"), jobTitle: "Chief technology officer" };
  provider.setToken(tokens.rotated);

  await step("old-token", "The provider has another token now: the old one is refused", async (call) => {
    const refused = await call("PUT", paths.user("zoe.lindqvist"), 502, user);
    check(refused.code === "provider-rejected", `the old token was refused as ${refused.code}`);
    return [refused.detail ?? ""];
  });
  await step("needs-reauth", "From then on all is saved, and nothing is sent", async (call) => {
    const before = provider.requests();
    const saved = await call("PUT", paths.user("zoe.lindqvist"), 202, user);
    check(saved.state === "retrying", `what was asked for is ${saved.state} instead of retrying`);
    check(provider.requests() === before, "a request was sent with a token that is known to be wrong");
    return undefined;
  });
  await step("wrong-reauth", "Reauth with a wrong token: refused", async (call) => {
    const refused = await call("POST", `${paths.integration}/reauth`, 422, reauth(tokens.wrongAtReauth));
    check(refused.code === "reauth-test-failed", `the wrong token was refused as ${refused.code}`);
    return undefined;
  });
  await step("reauth", "Reauth with the right one: what was saved goes on by itself", async (call) => {
    await call("POST", `${paths.integration}/reauth`, 200, reauth(tokens.rotated));
    directory.users.set("zoe.lindqvist", user);
    settle(directory);
    await untilEqual(chapter);
    return undefined;
  });
};

const takeNewcomer = async ({ step, directory, check, integrationId }: BoundChapter) => {
  const paths = pathsOf(integrationId);
  const staged = userOf(directory, newcomer);

  await step(
    "rejected",
    "Mateus begins, and the provider takes no interns: rejected, on record",
    async (call) => {
      const rejected = await call("PUT", paths.user(newcomer), 502, { ...staged, state: "ACTIVATED" });
      check(rejected.code === "provider-rejected", `the provider's refusal was told as ${rejected.code}`);
      const { state, lastError } = await call("GET", paths.user(newcomer), 200);
      check(state === "failed", `the rejected user is ${state} instead of failed`);
      check(lastError?.detail.includes(noInterns) === true, "the status does not tell the provider's words");
      return [rejected.detail ?? ""];
    },
  );
  await step(
    "repaired",
    "Repaired in the directory: Mateus gets his account, and his groups get him",
    async (call) => {
      const user = { ...staged, state: "ACTIVATED" as const, employeeType: "part-time" };
      const { action, eventIds } = await call("PUT", paths.user(newcomer), 200, user);
      check(action === "created", `${newcomer} was ${action} instead of created`);
      directory.users.set(newcomer, user);
      directory.direct.add(newcomer);
      // The account, and the two groups that had waited for it.
      check(eventIds?.length === 3, `${newcomer} has ${eventIds?.length} events instead of 3`);
      return undefined;
    },
  );
};
