import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, vi } from "vitest";

/** `before`: the request has no effect. `after`: it was applied, and its reply is lost. */
export type Moment = "before" | "after";

const writes =
  /^(Put|Update|Delete|BatchWrite)ItemCommand$|^(Create|Delete|Restore)SecretCommand$|^PutSecret/;

/** What a store that fails once tells its caller. */
const broken = () => new Error("The test's store fails this once.");

/**
 * Lets one request of this process to DynamoDB or Secrets Manager fail for good, as it does once the SDK has given up.
 * Requests are counted from when it is armed, from 1; of those whose reply is lost writes alone, since a read without a
 * reply is one that was not made.
 */
export const useStoreFaults = () => {
  const spies: { mockRestore(): void }[] = [];
  let armed: { nth: number; moment: Moment; count: number; met?: string } | undefined;

  const watch = (prototype: object) => {
    const client = prototype as { send(command: object, ...rest: unknown[]): Promise<unknown> };
    const send = client.send;
    const spy = vi.spyOn(client, "send").mockImplementation(async function (this: unknown, command, ...rest) {
      const name = command.constructor.name;
      const now = armed;
      if (!now || (now.moment === "after" && !writes.test(name))) return send.call(this, command, ...rest);
      now.count += 1;
      if (now.count !== now.nth) return send.call(this, command, ...rest);
      now.met = name;
      if (now.moment === "after") await send.call(this, command, ...rest);
      throw broken();
    });
    spies.push(spy);
  };
  beforeAll(() => {
    watch(DynamoDBClient.prototype);
    watch(SecretsManagerClient.prototype);
    spies.push(vi.spyOn(process.stderr, "write").mockReturnValue(true));
  });
  afterAll(() => {
    for (const spy of spies) spy.mockRestore();
  });

  return {
    /** Runs `work` with the `nth` request failing; `met` is that request, if it came to it. */
    async failing<T>(
      nth: number,
      moment: Moment,
      work: () => Promise<T>,
    ): Promise<{ met?: string; came: T }> {
      armed = { nth, moment, count: 0 };
      const now = armed;
      try {
        const came = await work();
        return { came, ...(now.met !== undefined && { met: now.met }) };
      } finally {
        armed = undefined;
      }
    },
  };
};
