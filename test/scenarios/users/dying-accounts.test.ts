import { expect, test } from "vitest";
import { givenQuirky } from "../../support/quirks.ts";
import { aPerson, eventTypesOf, expectOk, forget, requestLines, useUsher } from "../../support/steps.ts";

const usher = useUsher();

const answers = [204, 202] as const;
/**
 * A user whose DELETE the provider has taken, and is to carry out once the account has been read so many times: with a 202,
 * beside the read that follows it.
 */
const givenDying = async (status: 204 | 202, reads: number) => {
  const { provider, userId, user, path, integration } = await givenQuirky(usher, {});
  const { remoteId } = expectOk(await usher.call("PUT", path, user)).body;
  let seen = 0;
  provider.intercept = ({ method, path: at }) => {
    if (method === "DELETE") return { status };
    if (method === "GET" && at === `/Users/${remoteId}`) {
      if (seen === reads + (status === 202 ? 1 : 0)) provider.removeUser(remoteId);
      seen += 1;
    }
    return undefined;
  };
  expect((await usher.call("DELETE", `/users/${userId}`)).status).toBe(status === 202 ? 202 : 200);
  forget(provider);
  return { provider, userId, user, path, integration, remoteId };
};

test.each(answers.flatMap((status) => [0, 2].map((reads) => [status, reads] as const)))(
  "an account whose deletion was answered %i and is under way is not taken over: read %i times more, it is gone, and a new one is made",
  async (status, reads) => {
    const { provider, userId, user, path, remoteId } = await givenDying(status, reads);
    const { body } = expectOk(await usher.call("PUT", path, user));
    expect(body).toMatchObject({ action: "created", state: "in_sync" });
    expect(body.remoteId).not.toBe(remoteId);
    expect(await provider.users()).toMatchObject([{ id: body.remoteId, active: true }]);
    expect(await eventTypesOf(usher, `userId=${userId}&success=true`)).toEqual([
      "user_create_provision",
      "user_delete_provision",
      "user_create_provision",
    ]);
  },
);

test.each(answers)(
  "an account whose deletion was answered %i and is under way passes to nobody else: they get one of their own",
  async (status) => {
    const { provider, user, integration, remoteId } = await givenDying(status, 1);
    const other = aPerson({ email: user.email });
    const path = `${integration.path}/users/${other.userId}`;
    const first = await usher.call("PUT", path, other.user);
    expect(first).toMatchObject({ status: 202, body: { state: "retrying" } });
    const { body } = expectOk(await usher.call("PUT", path));
    expect(body).toMatchObject({ action: "created", state: "in_sync" });
    expect(body.remoteId).not.toBe(remoteId);
    expect(await provider.users()).toHaveLength(1);
  },
);

test.each(answers)(
  "an account that is still there when its deletion, which was answered %i, is old stays the user's",
  async (status) => {
    const { provider, user, path, remoteId } = await givenDying(status, 1_000);
    const { body } = expectOk(await usher.call("PUT", path, user));
    expect(body).toMatchObject({
      action: status === 202 ? "unchanged" : "adopted",
      state: "in_sync",
      remoteId,
    });
    expect(requestLines(provider).filter((line) => line === `GET /Users/${remoteId}`).length).toBeLessThan(
      15,
    );
  },
);
