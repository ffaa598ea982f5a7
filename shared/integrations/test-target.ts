import type { LastAnswer } from "../model/attempt.ts";
import { Failure, type FailureCode } from "../model/failure.ts";
import type { TargetTest } from "../model/integration.ts";
import type { Capabilities } from "../model/profile.ts";
import { notThere, wordsOf } from "../provisioning/attempts/provider-failure.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import type { ProfileChoice, Target } from "../provisioning/ports/target.ts";

export type TestedTarget = Target & { groupsEnabled: boolean };
export type FailedTest = Extract<
  FailureCode,
  "activation-test-failed" | "update-test-failed" | "reauth-test-failed"
>;
type TargetTestResult =
  | {
      ok: true;
      capabilities: Capabilities;
      leftovers: string[];
      answer: LastAnswer;
      provider: ServiceProvider;
    }
  | { ok: false; failure: Failure; answer: LastAnswer; leftovers: string[] };

/**
 * Try a target before anything about it is kept. `read` asks for one user and one group that cannot exist: some
 * providers mark whatever a request returns as externally managed. `write` makes a test user and a test group and
 * removes them. Throws nothing that the provider does.
 */
export const testTarget = async (
  { ports, call }: { ports: Ports; call: Call },
  target: TestedTarget,
  { test, attemptId, failedCode }: { test: TargetTest; attemptId: string; failedCode: FailedTest },
): Promise<TargetTestResult> => {
  // Neither the budget nor the standing of the secret that is in use: these credentials may be others.
  const { baseUrl, profile, capabilities, overrides, credentials } = target;
  const provider = ports.openProvider({ baseUrl, profile, capabilities, overrides, credentials }, call);
  const leftovers: string[] = [];
  try {
    await readTest(ports, provider, target.groupsEnabled);
    if (test.mode === "write" && test.userEmail)
      await writeTest(ports, provider, { target, attemptId, userEmail: test.userEmail }, leftovers);
    const answer = provider.lastAnswer();
    const capabilities = await provider.capabilities();
    return { ok: true, capabilities, leftovers, answer, provider };
  } catch (error) {
    const answer = provider.lastAnswer();
    if (error instanceof Failure)
      return { ok: false, failure: new Failure(failedCode, error.detail), answer, leftovers };
    if (!(error instanceof ProviderFailure)) throw error;
    return { ok: false, failure: testFailure(error, target.baseUrl, failedCode), answer, leftovers };
  }
};

const nothingChanged = "Nothing was saved; what was in use stays in use.";

type Advice = Partial<Record<ProviderFailure["kind"], string>>;

const advice: Advice = {
  unauthorized: " Check the token.",
  "not-found": " Check the base URL.",
  rejected: " Check what the token may do, and the profile.",
  conflict: " Check what is there already.",
  malformed: " Check the base URL: what answers there does not speak SCIM.",
  unavailable: " Check the base URL, or try again later.",
  accepted: " What is created there appears later: test with mode read, and remove what this test made.",
};

const tokenAdvice: Advice = {
  unauthorized: " Check clientId and clientSecret.",
  rejected: " Check the tokenUrl and the scope.",
  malformed: " Check the tokenUrl: what answers there gives no access token.",
  unavailable: " Check the tokenUrl, or try again later.",
};

/** What to do about a failure of the connection: a sentence behind a blank, or nothing. */
export const adviceFor = ({ kind, isOfTokenEndpoint }: ProviderFailure): string =>
  (isOfTokenEndpoint ? tokenAdvice : advice)[kind] ?? "";

const testFailure = (error: ProviderFailure, baseUrl: string, code: FailedTest): Failure =>
  failedTest(
    error,
    `The test of ${baseUrl} failed: ${wordsOf(error)}${adviceFor(error)} ${nothingChanged}`,
    code,
  );

/** `code` is for what the caller has to change; what passes by itself is `provider-unavailable`. */
export const failedTest = (error: ProviderFailure, detail: string, code: FailedTest): Failure => {
  const { kind, isUnreachable, retryAfterSeconds } = error;
  const passes = kind === "out-of-time" || (kind === "unavailable" && !isUnreachable);
  const passing = passes ? "provider-unavailable" : code;
  return new Failure(kind === "refused-target" ? "target-refused" : passing, detail, {
    ...(passes && retryAfterSeconds !== undefined && { retryAfterSeconds }),
    cause: error,
  });
};

const readTest = async (ports: Ports, provider: ServiceProvider, groupsEnabled: boolean): Promise<void> => {
  const name = `usher-${ports.newId(ports.clock.now())}`;
  await provider.findUsers(`${name}@example.invalid`, name);
  if (groupsEnabled) await provider.findGroups(name);
};

/** Known before the test begins, so that recovery can name what a stopped test may have left. */
export const testGroupName = (attemptId: string): string => `usher-test-${attemptId}`;

/** Where groups cannot be made, there is no test group. */
export const makesTestGroup = (
  ports: Ports,
  target: ProfileChoice & Pick<TestedTarget, "groupsEnabled">,
): boolean => target.groupsEnabled && ports.profileOf(target).groups === "full";

const writeTest = async (
  ports: Ports,
  provider: ServiceProvider,
  { target, attemptId, userEmail }: { target: TestedTarget; attemptId: string; userEmail: string },
  leftovers: string[],
): Promise<void> => {
  const profile = ports.profileOf(target);
  const userName = userEmail.toLowerCase();
  const externalId = `usher-test-${ports.newId(ports.clock.now())}`;
  if ((await provider.findUsers(userName, externalId)).length > 0) {
    throw new Failure(
      "internal",
      `The test user ${userName} exists at the service provider already. Give an e-mail that is new there.`,
    );
  }
  const user = await provider.createUser({
    userName,
    externalId,
    "name.givenName": "Usher",
    "name.familyName": "Test",
    displayName: "Usher Test",
    emails: [{ value: userName, type: "work", primary: true }],
    active: true,
  });
  await removeOrName(`user ${userName} (${user.id})`, leftovers, async () => {
    try {
      if (!(await provider.deleteUser(user.id))) throw notThere();
    } catch (error) {
      // Where users cannot be deleted, the test user is at least shut out; it is named as well.
      await provider.patchUser(user.id, [{ path: "active", from: true, to: false }]);
      throw error;
    }
  });
  if (profile.delete === "deactivates") leftovers.push(`user ${userName} (${user.id}), deactivated`);
  if (!makesTestGroup(ports, target)) return;
  const name = testGroupName(attemptId);
  const group = await provider.createGroup(name);
  await removeOrName(`group ${name} (${group.id})`, leftovers, async () => {
    // It was created a moment ago: a 404 is no word that it is gone.
    if (!(await provider.deleteGroup(group.id))) throw notThere();
  });
};

const removeOrName = async (
  what: string,
  leftovers: string[],
  remove: () => Promise<unknown>,
): Promise<void> => {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    leftovers.push(what);
  }
};
