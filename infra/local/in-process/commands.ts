import * as dynamodb from "@aws-sdk/client-dynamodb";
import { AwsError } from "../signing/aws-error.ts";

type Make = new (fields: object) => Error;
const exceptions: Record<string, unknown> = dynamodb;

/**
 * Lets `call` answer every command of a DynamoDB client, in place of the network: no socket, no signature, and no text
 * in between. Commands, inputs, outputs and exceptions are the same as with the network; dates of answers are numbers.
 *
 * @param call gets the operation's name, e.g. `PutItem`, and its input, of which it may keep nothing
 */
export const answerInProcess = (
  client: dynamodb.DynamoDBClient,
  call: (operation: string, input: object) => Promise<object>,
): dynamodb.DynamoDBClient => {
  client.middlewareStack.add(
    (_next, { commandName = "" }) => {
      const operation = commandName.replace(/Command$/, "");
      return async ({ input }) => {
        const output = await call(operation, input).catch((error: unknown) => {
          throw error instanceof AwsError ? exceptionOf(error) : error;
        });
        const answered = { $metadata: { httpStatusCode: 200, attempts: 1 }, ...output };
        return { response: undefined, output: answered as unknown as dynamodb.ServiceOutputTypes };
      };
    },
    { step: "initialize", priority: "high", name: "answerInProcess" },
  );
  return client;
};

/** The SDK's own exception of that name, or the one of its service for names that it does not know. */
const exceptionOf = ({ status, body }: AwsError): Error => {
  const { __type: type, message, Message, ...fields } = body;
  const name = type.split("#").at(-1) ?? type;
  const known = exceptions[name] as Make | undefined;
  const General = exceptions.DynamoDBServiceException as Make;
  const options = {
    name,
    message: String(message ?? Message ?? name),
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status, attempts: 1 },
  };
  return Object.assign(known ? new known(options) : new General(options), fields);
};
