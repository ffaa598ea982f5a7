import { type BoundChapter, pathsOf, untilJob } from "./chapter.ts";
import { settle } from "./directory.ts";
import { counted } from "./progress.ts";

const language = "en";
const attributeMappings = [
  { target: "nickName", source: "attributes.githubLogin" },
  { target: "preferredLanguage", constant: language },
];

/** The third act: what would go out is looked at first, and goes out as it was looked at. */
export const planAndApply = async (chapter: BoundChapter): Promise<void> => {
  const { step, provider, directory, check, differences, integrationId } = chapter;
  const paths = pathsOf(integrationId);
  let people = 0;

  await step("what-if", "What if the mapping gave everybody a language? Planned, not sent", async (call) => {
    const before = provider.requests();
    const whatIf = { attributeMappings };
    const { syncId } = await call("POST", paths.syncs, 202, { mode: "plan", whatIf });
    const { counts = {} } = await untilJob(call, paths.sync(syncId), "ready");
    people = counts.updated ?? 0;
    check(counts.removals === 0, `the plan takes something away from ${counts.removals}`);
    check(provider.requests() === before, "a plan reached the provider");
    return [`${counted(people, "user")} would be updated, nobody would lose anything`];
  });

  await step("plan", "Change the mapping, make a plan and apply it", async (call) => {
    await call("PATCH", paths.integration, 200, { attributeMappings });
    const { syncId } = await call("POST", paths.syncs, 202, { mode: "plan" });
    await untilJob(call, paths.sync(syncId), "ready");
    check(differences().length === 0, "a mapping was changed, and something went out before it was applied");
    const before = provider.carriedOut("PATCH", "Users");
    await call("POST", `${paths.sync(syncId)}/apply`, 202, {});
    await untilJob(call, paths.sync(syncId), "applied");
    const { items = [] } = await call("GET", `${paths.sync(syncId)}/items?state=applied&limit=500`, 200);
    const sent = provider.carriedOut("PATCH", "Users") - before;
    check(items.length === people, `${items.length} were applied of ${people} who were planned`);
    check(sent === people, `${sent} accounts were changed instead of ${people}`);
    directory.language = language;
    settle(directory);
    return [`${items.length} of ${people} applied, ${counted(sent, "account")} changed`];
  });
};
