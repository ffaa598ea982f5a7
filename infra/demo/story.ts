import type { EmbeddedRun } from "../local/embedded-run.ts";
import { makeOrReadRunKeys } from "../local/signing/run-keys.ts";
import { openAudit } from "./audit.ts";
import { checkAudit } from "./audit-checks.ts";
import { reportAudit } from "./audit-report.ts";
import type { Chapter, Tokens } from "./chapter.ts";
import { changeAccess, contractor, contractorLeaves } from "./chapter-access.ts";
import { activate } from "./chapter-activate.ts";
import { followByItself } from "./chapter-by-itself.ts";
import { changeThings } from "./chapter-change.ts";
import { deleteIntegration } from "./chapter-end.ts";
import { endAccess } from "./chapter-end-access.ts";
import { failAndRepair } from "./chapter-failures.ts";
import { importAccounts } from "./chapter-import.ts";
import { planAndApply } from "./chapter-plan.ts";
import { provisionAll } from "./chapter-provision.ts";
import { feedBySources } from "./chapter-sources.ts";
import { verifyAndRepair } from "./chapter-verify.ts";
import { compareProvider, reportComparison } from "./compare.ts";
import { readDirectory } from "./directory.ts";
import { correlationOf, makeStep } from "./progress.ts";
import type { Provider } from "./provider.ts";
import { folderHolds, type SecretWatch } from "./secret-watch.ts";
import { makeUsherClient } from "./usher-client.ts";

export type Stage = {
  provider: Provider;
  run: EmbeddedRun;
  dataDir: string;
  tokens: Tokens;
  secrets: SecretWatch;
  /** Called before the provider's state is compared for the last time. */
  beforeComparison?: ((provider: Provider) => unknown) | undefined;
};

/**
 * The chapters, one after the other, and what came of them: provider against directory, audit against both.
 *
 * @throws Error where a call was not answered as it must be, which makes the rest pointless
 */
export const tellStory = async (stage: Stage, note: (problem: string) => void): Promise<void> => {
  const { provider, run, tokens, secrets } = stage;
  const startedAt = new Date();
  const usher = makeUsherClient(run, secrets.lookAt);
  const directory = readDirectory();
  const everyone = [...directory.users.keys()];
  const check = (isRight: boolean, problem: string): void => {
    if (!isRight) note(problem);
  };
  const comparisonNow = () => compareProvider(provider, directory, everyone);
  const differences = () => comparisonNow().differences;
  const step = makeStep(usher, provider);
  const chapter: Chapter = { step, provider, directory, tokens, secrets, differences, check };
  const compare = () => {
    const comparison = comparisonNow();
    for (const difference of comparison.differences) note(difference);
    return comparison;
  };

  const integrationId = await activate(chapter);
  const acts = [
    provisionAll,
    changeThings,
    changeAccess,
    failAndRepair,
    followByItself,
    endAccess,
    planAndApply,
    importAccounts,
    verifyAndRepair,
    feedBySources,
  ];
  for (const next of acts) {
    await next({ ...chapter, integrationId });
    const isEqual = compare().differences.length === 0;
    console.log(
      `    The provider ${isEqual ? "shows what the directory says" : "DIFFERS from the directory"}.\n`,
    );
  }
  await deleteIntegration({ ...chapter, integrationId });

  await stage.beforeComparison?.(provider);
  print("\nThe provider's own state, against the directory", reportComparison(compare()));

  const audit = openAudit(run, makeOrReadRunKeys(stage.dataDir), startedAt);
  try {
    const questions = { userId: contractor, correlationId: correlationOf(contractorLeaves) };
    print("The audit, by queries to DynamoDB", await reportAudit(audit, questions));
    const { problems, told } = await checkAudit(audit, usher, provider, integrationId);
    problems.forEach(note);
    for (const event of await audit.everything()) secrets.lookAt(`event ${event.id}`, JSON.stringify(event));
    const files = secrets.lookIn(stage.dataDir);
    check(folderHolds(stage.dataDir, contractor), "the search of the data folder finds nothing at all");
    print("Checked", [
      ...told,
      `  searched for tokens: answers, events, output, ${files} files of the data folder`,
    ]);
  } finally {
    audit.close();
  }
};

const print = (title: string, lines: string[]): void => console.log([title, ...lines, ""].join("\n"));
