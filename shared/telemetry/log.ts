import { redactText } from "../audit/redact.ts";

/** Where a failure happened; ids only. */
type LogContext = {
  function: string;
  requestId?: string | undefined;
  correlationId?: string | undefined;
};

/**
 * One line of JSON on stderr for what went wrong inside; nothing else is ever logged. Of an error only name, code,
 * message and frames are taken, since an error object may hold the request that failed; from these, the `secrets` and
 * everything that looks like a secret are cut out.
 */
export const logError = (error: unknown, context: LogContext, secrets: string[] = []): void => {
  const line = {
    level: "error",
    time: new Date().toISOString(),
    ...context,
    error: describe(error, secrets, 0),
  };
  console.error(JSON.stringify(line));
};

const describe = (error: unknown, secrets: string[], depth: number): object => {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown };
  const clean = (text: string) =>
    redactText(secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text));
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    // A parser's message quotes what it parsed, e.g. the value of a secret.
    message: error instanceof SyntaxError ? "(withheld)" : clean(error.message),
    frames: framesOf(error).map(clean),
    ...(error.cause === undefined || depth === 3 ? {} : { cause: describe(error.cause, secrets, depth + 1) }),
  };
};

/** The stack without its first lines, which repeat the message. */
const framesOf = (error: Error): string[] =>
  (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
