import { expect, test } from "vitest";
import { asFailure, problemAnswer, problems } from "../../shared/http/problem.ts";
import { Failure } from "../../shared/model/failure.ts";

test("a failure becomes a problem document with its code, status and title", () => {
  const failure = new Failure("invalid-input", "Some fields are not valid.", {
    errors: [{ path: "name", message: "is required" }],
    eventId: "e-1",
  });

  const answer = problemAnswer(failure);

  expect(answer).toEqual({
    status: 400,
    headers: { "content-type": "application/problem+json" },
    body: {
      type: "urn:usher:problem:invalid-input",
      title: "The input is not valid",
      status: 400,
      detail: "Some fields are not valid.",
      code: "invalid-input",
      errors: [{ path: "name", message: "is required" }],
      eventId: "e-1",
    },
  });
});

test("facts are members of the document and never replace its own", () => {
  const failure = new Failure("deprovisions-held", "12 users", { facts: { count: 12, status: 200 } });
  expect(problemAnswer(failure).body).toMatchObject({ count: 12, status: 409 });
});

test.each(["attempt-in-progress", "provider-unavailable", "audit-unavailable", "store-unavailable"] as const)(
  "%s always tells when to call again",
  (code) => {
    expect(Number(problemAnswer(new Failure(code, "x")).headers?.["retry-after"])).toBeGreaterThan(0);
  },
);

test("Retry-After is a whole number of seconds, at least one", () => {
  const wait = (retryAfterSeconds: number) =>
    problemAnswer(new Failure("attempt-in-progress", "x", { retryAfterSeconds })).headers?.["retry-after"];
  expect([wait(0.2), wait(2.1), wait(7)]).toEqual(["1", "3", "7"]);
});

test("what is not a Failure is internal, and its words stay inside", () => {
  const failure = asFailure(new Error("password hunter2 in /srv/app.js"));
  const answer = problemAnswer(failure);
  expect(answer.status).toBe(500);
  expect(JSON.stringify(answer)).not.toMatch(/hunter2|app\.js/);
  expect(failure.extras.cause).toBeInstanceOf(Error);
});

test("the codes and statuses are the ones that this test lists", () => {
  const contract = {
    400: ["malformed-json", "invalid-input", "invalid-cursor"],
    401: ["unauthenticated"],
    403: ["forbidden"],
    404: ["not-found"],
    405: ["method-not-allowed"],
    413: ["body-too-large"],
    415: ["not-json"],
    409: [
      ...["immutable-field", "credentials-required", "integration-not-active", "integration-needs-reauth"],
      ...["attempt-in-progress", "account-claimed", "deprovisions-held", "target-in-use"],
      ...["plan-stale", "job-in-progress", "acknowledgement-needed"],
    ],
    412: ["precondition-failed"],
    422: [
      ...["activation-test-failed", "update-test-failed", "reauth-test-failed", "target-refused"],
      ...[
        "different-tenant",
        "unknown-members",
        "groups-disabled",
        "mapping-failed",
        "idempotency-key-reused",
      ],
    ],
    500: ["internal"],
    502: ["provider-rejected", "provider-malformed"],
    503: ["provider-unavailable", "audit-unavailable", "store-unavailable"],
  };
  const expected = Object.entries(contract).flatMap(([status, codes]) =>
    codes.map((code) => [code, Number(status)]),
  );
  const actual = Object.entries(problems).map(([code, { status }]) => [code, status]);
  expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
});
