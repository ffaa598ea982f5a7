import { createRequire } from "node:module";
import type { Action, DynaliteStore, ParamTypes } from "dynalite/store";
import { checkTypes, checkValidations } from "dynalite/validations/index.js";
import { AwsError } from "../signing/aws-error.ts";
import { runAction } from "./dynalite-level.ts";

// dynalite's other operations are left out: tags do not work in 4.0.0, time to live is this project's own.
const operations = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
  "UpdateTable",
] as const;
export type DynaliteOperation = (typeof operations)[number];

type Validation = { types: ParamTypes; custom?: unknown };

const require = createRequire(import.meta.url);
const modules = new Map(
  operations.map((operation) => {
    const file = operation.charAt(0).toLowerCase() + operation.slice(1);
    const action = require(`dynalite/actions/${file}.js`) as Action;
    const validation = require(`dynalite/validations/${file}.js`) as Validation;
    return [operation, { action, validation }] as const;
  }),
);

export function isDynaliteOperation(name: string): name is DynaliteOperation {
  return operations.some((operation) => operation === name);
}

/**
 * Validates and carries out one DynamoDB operation.
 *
 * @param input as in DynamoDB's JSON protocol; it is changed on the way
 * @returns the operation's output, in the same protocol
 * @throws AwsError for what DynamoDB would refuse
 */
export async function callDynalite(
  store: DynaliteStore,
  operation: DynaliteOperation,
  input: Record<string, unknown>,
): Promise<object> {
  const found = modules.get(operation);
  if (!found) throw new Error(`no module for ${operation}`);
  const { action, validation } = found;
  // dynalite does not know this parameter and drops it.
  const wantsOld = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
  try {
    const checked = checkTypes(input, validation.types);
    checkValidations(checked, validation.types, validation.custom, store);
    return await runAction<object>((callback, call) =>
      action(store, checked, (error, output) => {
        if (error && wantsOld && isConditionFailure(error) && call.existing) error.body.Item = call.existing;
        callback(error, output);
      }),
    );
  } catch (error) {
    throw isRefusal(error) ? new AwsError(error.statusCode, error.body) : error;
  }
}

type Refusal = { statusCode: number; body: AwsError["body"] };

function isRefusal(error: unknown): error is Refusal {
  return typeof error === "object" && error !== null && "statusCode" in error && "body" in error;
}

function isConditionFailure(error: unknown): error is Refusal {
  return isRefusal(error) && error.body.__type.endsWith("#ConditionalCheckFailedException");
}
