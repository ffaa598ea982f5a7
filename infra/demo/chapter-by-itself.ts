import { type BoundChapter, until, untilEqual } from "./chapter.ts";
import { groupOf, settle, userOf } from "./directory.ts";

/** The second act: the directory alone is changed, and the provider follows, whatever happens to it meanwhile. */
export const followByItself = async (chapter: BoundChapter): Promise<void> => {
  const { step, provider, directory } = chapter;

  await step("directory", "Change the directory alone: all of it arrives by itself", async (call) => {
    await call("PATCH", "/users/yuki.tanaka", 200, { jobTitle: "Principal engineer" });
    directory.users.set("yuki.tanaka", {
      ...userOf(directory, "yuki.tanaka"),
      jobTitle: "Principal engineer",
    });
    await call("PATCH", "/users/carmen.ibanez", 200, { suspended: true });
    directory.users.set("carmen.ibanez", { ...userOf(directory, "carmen.ibanez"), suspended: true });
    await call("POST", "/groups/sales-and-marketing/members", 200, {
      add: ["nadia.benyoussef"],
      remove: ["jiwoo.park"],
    });
    const { members } = groupOf(directory, "sales-and-marketing");
    members.add("nadia.benyoussef");
    members.delete("jiwoo.park");
    settle(directory);
    return [`all there ${await untilEqual(chapter)} ms after the last answer`];
  });

  await step("outage", "The provider goes down in the middle, and comes back", async (call) => {
    provider.setDown(true);
    const newcomer = {
      email: "noor.haddad@example.com",
      firstname: "Noor",
      lastname: "Haddad",
      jobTitle: "Analyst",
    };
    await call("PUT", "/users/noor.haddad", 200, newcomer);
    directory.users.set("noor.haddad", newcomer);
    await call("POST", "/groups/engineering/members", 200, { add: ["noor.haddad"], remove: ["aroha.ngata"] });
    groupOf(directory, "engineering").members.add("noor.haddad").delete("aroha.ngata");
    await call("PATCH", "/users/meilin.ho", 200, { suspended: true });
    directory.users.set("meilin.ho", { ...userOf(directory, "meilin.ho"), suspended: true });
    settle(directory);
    await until("a request while the provider is down", () => provider.turnedAway() >= 3);
    provider.setDown(false);
    const ms = await untilEqual(chapter);
    return [`${provider.turnedAway()} requests were answered 503; all there ${ms} ms after it was back`];
  });
};
