import { afterEach, expect, test, vi } from "vitest";
import { Failure } from "../../shared/model/failure.ts";
import { log, logError } from "../../shared/telemetry/log.ts";
import { collectLog } from "../support/log-lines.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const drained = { requestId: "request-1", integrationId: "integration-1", done: 1, failures: 0, ms: 12 };
const work = { requestId: "request-1", integrationId: "integration-1", outcome: "done" as const };

test.each([
  ["debug", ["debug", "info", "error"]],
  ["info", ["info", "error"]],
  ["error", ["error"]],
  ["", ["error"]],
  ["verbose", ["error"]],
])("with LOG_LEVEL %j lines of %j are written", (level, written) => {
  vi.stubEnv("LOG_LEVEL", level);
  const { lines } = collectLog();
  log("debug", "work-ended", work);
  log("info", "drain-ended", drained);
  logError(new Error("boom"), { function: "things" });
  expect(lines().map((line) => line.level)).toEqual(written);
});

test("a failure is told by its code and its cause: its words name whom it is about", () => {
  const { texts, lines } = collectLog();
  const cause = new Error("The socket hung up.");
  logError(new Failure("account-claimed", "The account belongs to ada@example.com.", { cause }), {
    function: "things",
  });
  expect(texts.join()).not.toContain("ada@example.com");
  expect(lines()).toMatchObject([
    { error: { name: "Failure", code: "account-claimed", cause: { message: "The socket hung up." } } },
  ]);
});
