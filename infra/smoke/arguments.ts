import { parseArgs } from "node:util";

export const usage = `Usage: npm run smoke -- --url URL --target-url URL [options]

Does the main job once against a running Usher and a SCIM service provider, checks each answer and the audit events, and
takes away what it made, also where it fails half-way. It makes two people of example.com and one group, and no others are
touched.

  --url URL               of Usher: the output ApiUrl of the stack, or the address that npm start prints
  --target-url URL        the SCIM base URL of the service provider; a test tenant is best
  --target-token-env NAME environment variable with its bearer token (SMOKE_TARGET_TOKEN)
  --profile NAME          of the service provider (generic)
  --shared-target         the tenant belongs to another integration already, and may
  --jwt-env NAME          environment variable with the JWT of the caller
  --token-env NAME        the same, with the token of a local run
  --region REGION         to sign for, where neither the URL nor AWS_REGION tells it
  --wait SECONDS          how long a change may take to arrive by itself (180)
  --help                  print this

Without --jwt-env and --token-env each call is signed (SigV4) with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where it is
set, AWS_SESSION_TOKEN. Secrets are taken from the environment alone, and none is printed.`;

export type Caller = { bearer: string } | { region: string };
export type SmokeOptions = {
  /** Without a slash at the end. */
  url: string;
  caller: Caller;
  target: { baseUrl: string; token: string; profile: string; isShared: boolean };
  waitMs: number;
};

const text = { type: "string" } as const;
const options = {
  url: text,
  "target-url": text,
  "target-token-env": { ...text, default: "SMOKE_TARGET_TOKEN" },
  profile: { ...text, default: "generic" },
  "shared-target": { type: "boolean", default: false },
  "jwt-env": text,
  "token-env": text,
  region: text,
  wait: { ...text, default: "180" },
  help: { type: "boolean", default: false },
} as const;

/** @throws Error which says what to give; "help" where that is asked for */
export const readArguments = (words: string[], environment: NodeJS.ProcessEnv): SmokeOptions | "help" => {
  const { values } = parseArgs({ args: words, options });
  if (values.help) return "help";
  const url = webAddress("--url", values.url);
  const secretIn = (option: string, name: string): string => {
    const secret = environment[name];
    if (secret) return secret;
    throw new Error(
      `The environment variable ${name} is empty. Put the secret there, or name another one with ${option}.`,
    );
  };
  const bearerIn = values["jwt-env"] ?? values["token-env"];
  const waitMs = Number(values.wait) * 1000;
  if (!(waitMs > 0)) throw new Error("--wait is a number of seconds");
  return {
    url,
    caller:
      bearerIn === undefined
        ? { region: regionOf(url, values.region ?? environment.AWS_REGION) }
        : { bearer: secretIn(values["jwt-env"] ? "--jwt-env" : "--token-env", bearerIn) },
    target: {
      baseUrl: webAddress("--target-url", values["target-url"]),
      token: secretIn("--target-token-env", values["target-token-env"]),
      profile: values.profile,
      isShared: values["shared-target"],
    },
    waitMs,
  };
};

const webAddress = (option: string, value: string | undefined): string => {
  if (value !== undefined && /^https?:\/\//.test(value) && URL.canParse(value))
    return value.replace(/\/+$/, "");
  throw new Error(`Give ${option} with an address that begins with https:// (http:// on this machine).`);
};

const regionOf = (url: string, given: string | undefined): string => {
  const region = given ?? /\.execute-api\.([a-z0-9-]+)\./.exec(url)?.[1];
  if (region) return region;
  throw new Error(
    "Which region the calls are signed for is not known: give --region, or a token with --jwt-env or --token-env.",
  );
};
