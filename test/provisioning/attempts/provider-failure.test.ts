import { expect, test } from "vitest";
import { toFailure, wordsOf } from "../../../shared/provisioning/attempts/provider-failure.ts";
import { ProviderFailure } from "../../../shared/provisioning/ports/provider-failure.ts";

const answered = "The service provider answered 500 Internal Server Error";

test("status, scimType and words are told, and what to do", () => {
  const failure = new ProviderFailure("unavailable", answered, {
    status: 500,
    scimType: "invalidValue",
    details: ["The seat is gone."],
  });
  expect(toFailure(failure, "Creating the account ada failed")).toMatchObject({
    code: "provider-unavailable",
    detail: `Creating the account ada failed: ${answered} (invalidValue). It said: The seat is gone. Call again later.`,
  });
});

test("a scimType without words is told", () => {
  const failure = new ProviderFailure("rejected", answered, { scimType: "mutability" });
  expect(wordsOf(failure)).toBe(`${answered} (mutability).`);
});

test("many words are cut to one line that an event keeps whole, between two halves of a character as well", () => {
  const failure = new ProviderFailure("rejected", answered, { details: [`a${"😀".repeat(600)}`, "end"] });
  const words = wordsOf(failure);
  expect(words.length).toBeLessThan(600);
  expect([words.isWellFormed(), words.endsWith("…"), words.includes("\n")]).toEqual([true, true, false]);
});
