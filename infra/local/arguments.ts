import { parseArgs } from "node:util";

export type Arguments = { sandbox: boolean; quiet: boolean; help: boolean };

export const usage = `Usage: npm start -- [--sandbox] [--quiet] [--help]

  --sandbox  run a service provider to try Usher with, too: a SCIM server with 20 accounts and 3 groups
  --quiet    do not print a line for each call
  --help     print this

Settings, from the environment:
  USHER_PORT (8787), USHER_DYNAMODB_PORT, USHER_SECRETS_PORT, USHER_SANDBOX_PORT (the three after it)
  USHER_DATA_DIR (.usher, with --sandbox .usher-sandbox), USHER_TOKEN (else kept in the data folder)
  USHER_NOTIFY_URL (none: a webhook that is told what needs a person)
  USHER_PUBLIC_URL (where it listens: the address at which identity providers reach it, e.g. of a TLS proxy)
  LOG_LEVEL (error; info and debug write lines of JSON to stderr, see docs/operations.md)`;

/** @throws Error that ends with the first line of `usage`, for what is not known */
export const readArguments = (words: string[], environment: NodeJS.ProcessEnv): Arguments => {
  const [line] = usage.split("\n");
  // Without the `--`, npm keeps the option and tells nobody.
  if (environment.npm_config_sandbox !== undefined && !words.includes("--sandbox"))
    throw new Error(
      `npm took --sandbox for itself. Write it after --, as in: npm start -- --sandbox\n${line}`,
    );
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({ args: words, options: { sandbox: flag, quiet: flag, help: flag } });
    return values;
  } catch (error) {
    const [what] = (error as Error).message.split(". ");
    throw new Error(`${what}\n${line}`, { cause: error });
  }
};
