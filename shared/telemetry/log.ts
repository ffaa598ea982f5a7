import { Console } from "node:console";
import { redactText } from "../audit/redact.ts";
import { Failure } from "../model/failure.ts";
import type { Lines, Where } from "./lines.ts";

export const logLevels = ["debug", "info", "error"] as const;
type LogLevel = (typeof logLevels)[number];

/** Not the global console: that of Lambda puts each line into one of its own. A reader that has gone ends nothing. */
const stderr = new Console(process.stderr);

/** From `LOG_LEVEL` on, which is `error` where it is not set or none of the levels. */
const isWritten = (level: LogLevel): boolean => {
  const lowest = logLevels.find((one) => one === process.env.LOG_LEVEL) ?? "error";
  return logLevels.indexOf(level) >= logLevels.indexOf(lowest);
};

const write = (level: LogLevel, fields: object): void =>
  stderr.log(JSON.stringify({ timestamp: new Date().toISOString(), level, ...fields }));

/** One line of JSON on stderr, where the level is low enough for it. */
export const log = <M extends keyof Lines>(level: LogLevel, message: M, fields: Lines[M]): void => {
  if (isWritten(level)) write(level, { message, ...fields });
};

/**
 * The line for what went wrong inside. Of an error only name, code, message and frames are taken, since an error object may
 * hold the request that failed; from these, the `secrets` and everything that looks like a secret are cut out.
 */
export const logError = (error: unknown, where: Where, secrets: string[] = []): void =>
  write("error", { message: "failed", ...where, error: describe(error, secrets, 0) });

const describe = (error: unknown, secrets: string[], depth: number): object => {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown };
  const clean = (text: string) =>
    redactText(secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text));
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: isQuoting(error) ? "(withheld)" : clean(error.message),
    frames: framesOf(error).map(clean),
    ...(error.cause === undefined || depth === 3 ? {} : { cause: describe(error.cause, secrets, depth + 1) }),
  };
};

/** A parser's message quotes what it parsed, e.g. the value of a secret; a failure names to its caller whom it is about. */
const isQuoting = (error: Error): boolean => error instanceof SyntaxError || error instanceof Failure;

/** The stack without its first lines, which repeat the message. */
const framesOf = (error: Error): string[] =>
  (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
