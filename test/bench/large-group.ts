import { tables } from "../../infra/local/embedded-settings.ts";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { createPushedMemberStore } from "../../shared/aws/links/pushed-member-store.ts";
import { createBatches } from "../../shared/aws/table/batches.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { memberKey } from "../../shared/aws/table/keys.ts";
import { costHeading, figuresOf } from "./cost.ts";
import { mebibytes, printTable } from "./figures.ts";
import { person, type Stage, startStage } from "./stage.ts";

const founders = Array.from({ length: 10 }, (_, at) => `founder-${at}`);
/** Members that are written at a time while the group is made. */
const chunk = 2_500;

/**
 * One member more in a group of `size`, beside one more in a group of 10, by the call that callers make. The large
 * group is bound with 10 members; the others are written as items, members and pushed members, as they would be there.
 */
export const largeGroup = async (size = 100_000): Promise<void> => {
  const stage = await startStage(0);
  for (const id of [...founders, "newcomer"]) await stage.call("PUT", `/users/${id}`, person(id));
  // Names of one length, since an event is paid by its size.
  for (const [id, name] of [
    ["small", "Small group"],
    ["large", "Large group"],
  ] as const)
    await stage.call("PUT", `/groups/${id}`, { name, members: founders });
  const peakBefore = await stage.peakBytes();
  const startedAt = performance.now();
  await writeMembers(stage, "large", size - founders.length);
  const seconds = (performance.now() - startedAt) / 1000;
  const peakWritten = await stage.peakBytes();

  const rows: (string | number)[][] = [];
  for (const [id, members] of [
    ["small", founders.length],
    ["large", size],
  ] as const) {
    const observed = await stage.observe("POST", `/groups/${id}/members`, { add: ["newcomer"] });
    rows.push([`one added to a group of ${members}`, ...figuresOf(observed), "1 request < 1 KB"]);
  }
  printTable(costHeading, rows);
  console.log(`the group of ${size} was written in ${seconds.toFixed(0)} s`);
  const peak = await stage.close();
  console.log(
    `peak memory of the embedded run: ${mebibytes(peakBefore)} with groups of 10, ${mebibytes(peakWritten)} after the group was written, ${mebibytes(peak)} after one was added to each; of this process, which wrote it: ${mebibytes(process.resourceUsage().maxRSS * 1024)}`,
  );
};

/** Members of the group's first version, and as pushed, in the items that the stores keep. */
const writeMembers = async (
  { dataDir, dynamodbUrl, integrationId }: Stage,
  groupId: string,
  count: number,
): Promise<void> => {
  const { accessKeyId, secretAccessKey, region } = makeOrReadRunKeys(dataDir);
  const credentials = { accessKeyId, secretAccessKey };
  const client = createDynamoDbClient({ endpoint: dynamodbUrl, region, credentials });
  const access = { client, tableName: tables.state };
  const batches = createBatches(access);
  const pushedMembers = createPushedMemberStore(access);
  const since = new Date().toISOString();
  for (let from = 0; from < count; from += chunk) {
    const userIds = Array.from({ length: Math.min(chunk, count - from) }, (_, at) => `member-${from + at}`);
    const member = { version: 1, present: true, since, previousPresent: false };
    await batches.write({
      put: userIds.map((userId) => ({ ...memberKey(groupId, userId), userId, ...member })),
    });
    const pushed = { presence: "in" as const, since, by: "bench", eventId: "bench" };
    await pushedMembers.save(
      integrationId,
      groupId,
      userIds.map((userId) => ({ userId, remoteId: `remote-${userId}`, ...pushed })),
    );
  }
  client.destroy();
};
