import { expect, test } from "vitest";
import { readArguments } from "../../infra/smoke/arguments.ts";

const token = "a-token-of-the-target";
const environment = { SMOKE_TARGET_TOKEN: token, MY_JWT: "a-jwt" };
const target = ["--target-url", "https://scim.example.com/v2/"];
const gateway = "https://abc123.execute-api.eu-central-1.amazonaws.com";

test("calls of a deployed stack are signed for the region that its address names", () => {
  expect(readArguments(["--url", `${gateway}/`, ...target], environment)).toEqual({
    url: gateway,
    caller: { region: "eu-central-1" },
    target: { baseUrl: "https://scim.example.com/v2", token, profile: "generic", isShared: false },
    waitMs: 180_000,
  });
});

test.each(["--jwt-env", "--token-env"])(
  "%s takes a token from the environment in place of a signature",
  (option) => {
    const read = readArguments(["--url", gateway, ...target, option, "MY_JWT", "--wait", "5"], environment);
    expect(read).toMatchObject({ caller: { bearer: "a-jwt" }, waitMs: 5_000 });
  },
);

test("a name of one's own needs the region", () => {
  const words = ["--url", "https://usher.example.com", ...target];
  expect(() => readArguments(words, environment)).toThrow("--region");
  expect(readArguments([...words, "--region", "eu-west-1"], environment)).toMatchObject({
    caller: { region: "eu-west-1" },
  });
  expect(readArguments(words, { ...environment, AWS_REGION: "eu-west-2" })).toMatchObject({
    caller: { region: "eu-west-2" },
  });
});

test.each([
  [[], /--url/],
  [["--url", "abc"], /--url/],
  [["--url", gateway], /--target-url/],
  [["--url", gateway, ...target, "--target-token-env", "NOWHERE"], /NOWHERE is empty.*--target-token-env/],
  [["--url", gateway, ...target, "--jwt-env", "NOWHERE"], /NOWHERE is empty.*--jwt-env/],
  [["--url", gateway, ...target, "--wait", "soon"], /--wait/],
  [["--url", gateway, ...target, "--tokn", "x"], /--tokn/],
])("%j says what to give", (words, message) => {
  expect(() => readArguments(words, environment)).toThrow(message);
});

test("no error repeats a secret", () => {
  const words = ["--url", gateway, "--target-url", token];
  expect(() => readArguments(words, environment)).toThrow(/^(?!.*a-token-of).*$/s);
});
