import { attemptKey } from "../../shared/aws/table/keys.ts";
import { type Answer, until } from "./calls.ts";
import { nameOf } from "./stack/lambda-names.ts";
import type { World } from "./world.ts";

type Attempt = { M: { intent: { M: { attemptId: { S: string } } } } };
/** An item that an attempt holds, as DynamoDB has it. */
export type HoldingItem = { pk: { S: string }; sk: { S: string }; attempt: Attempt };

/** DynamoDB's state table, past IAM and past its stream. */
export const onState = (world: World, operation: string, input: object): Promise<object> => {
  const TableName = world.cloud.stack.outputs.StateTableName;
  return world.cloud.stores.engine.call(operation, { TableName, ...input }, "wire");
};

export const openAttempts = async (world: World): Promise<HoldingItem[]> => {
  const found = await onState(world, "Scan", { FilterExpression: "attribute_exists(attempt)" });
  return (found as { Items: HoldingItem[] }).Items;
};

/** Lets the leases of all open attempts be over, as they are after some time; the items that are held. */
export const endLeases = async (world: World): Promise<HoldingItem[]> => {
  for (const { pk, sk, attempt } of await openAttempts(world)) {
    const { attemptSk } = attemptKey(0, attempt.M.intent.M.attemptId.S);
    await onState(world, "UpdateItem", {
      Key: { pk, sk },
      UpdateExpression: "SET attempt.leaseUntil = :over, attemptSk = :sk",
      ExpressionAttributeValues: { ":over": { N: "0" }, ":sk": { S: attemptSk } },
    });
  }
  return await openAttempts(world);
};

/**
 * Kills a Lambda in the middle of a call, before the first of its requests to AWS for which `isLast` is true is carried out;
 * what the caller hears.
 */
export const cutOff = async (
  { cloud }: World,
  name: string,
  isLast: (operation: string, body: string) => boolean,
  act: () => Promise<Answer>,
): Promise<number> => {
  let isHeld = false;
  cloud.aws.intercept = (principal, operation, body) => {
    if (nameOf(cloud.stack, principal) !== name.replaceAll("-", "")) return undefined;
    isHeld ||= isLast(operation, body);
    return isHeld ? "hang" : undefined;
  };
  const answer = act();
  await until(async () => isHeld);
  cloud.kill(name);
  cloud.aws.intercept = undefined;
  return (await answer).status;
};
