import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { addPerson, patchOp, call as scim } from "../../providers/call.ts";
import { ok, until } from "../calls.ts";
import { cutOff, endLeases, onState, openAttempts } from "../cut-off.ts";
import { nameOf } from "../stack/lambda-names.ts";
import { activation, person, story, type World } from "../world.ts";

export const recoveryStories = (world: World) =>
  describe("a Lambda that is killed half-way", () => {
    let at = "";
    /**
     * Kills the Lambda once the provider has got the request that is to be its last; what the caller hears. The provider
     * carries it out all the same, a little later.
     */
    const killAt = async (
      stops: (request: { method: string; path: string }) => boolean,
      name: string,
      act: () => Promise<{ status: number }>,
    ) => {
      let hasCome = false;
      world.provider.intercept = (request) => {
        if (!stops(request)) return undefined;
        hasCome = true;
        return { delayMs: 500 };
      };
      const answer = act();
      await until(async () => hasCome);
      world.cloud.kill(name);
      world.provider.intercept = undefined;
      const { status } = await answer;
      await sleep(700);
      return status;
    };

    story("is the gateway's 500 to its caller, and the schedule settles what it left", async () => {
      at = `/integrations/${await world.activate()}`;
      const userAt = `${at}/users/jo`;
      const act = () => world.call("PUT", userAt, person("jo"));
      expect(await killAt(({ method }) => method === "POST", "provision-user", act)).toBe(500);
      expect(await endLeases(world)).toHaveLength(1);
      let refused = 0;
      world.provider.intercept = () =>
        refused++ < 1 ? { status: 429, headers: { "retry-after": "1" } } : undefined;
      const recovery = (await world.cloud.runSchedules()).find(({ name }) => name === "recoverattempts");
      world.provider.intercept = undefined;
      expect(recovery?.outcome).toEqual({ payload: JSON.stringify({ settled: 1 }) });
      await world.cloud.settle();
      await until(async () => ok(await world.call("GET", userAt)).state === "in_sync");
      expect(await world.isActive("jo")).toBe(true);
    });

    story("while a group is pushed leaves nothing that the schedule does not settle", async () => {
      const act = () => world.call("PUT", `${at}/groups/kin`, { name: "Kin", members: ["jo"] });
      expect(
        await killAt(({ method, path }) => method === "POST" && path === "/Groups", "provision-group", act),
      ).toBe(500);
      await endLeases(world);
      // Somebody else is in the group by then, and stays.
      const stranger = await addPerson(world.provider, "Uma", "Roy");
      const [kin] = (await world.provider.groups()).filter(({ displayName }) => displayName === "Kin");
      const joins = patchOp({ op: "add", path: "members", value: [{ value: stranger }] });
      await scim(world.provider, "PATCH", `/Groups/${kin?.id}`, joins);
      await world.cloud.runSchedules();
      await world.cloud.settle();
      await until(async () => ok(await world.call("GET", `${at}/groups/kin`)).state === "in_sync");
    });

    story(
      "while it activates leaves no secret and no integration, whichever call comes upon it",
      async () => {
        const act = () => world.call("POST", "/integrations", activation(world.provider.token));
        expect(await killAt(({ path }) => path === "/Groups", "activate-integration", act)).toBe(500);
        const [left] = await endLeases(world);
        expect(left?.pk).toEqual({ S: "INTEGRATION" });
        const id = left?.sk?.S ?? "";
        /** The same again, for the next call. */
        const leave = async () => void (await onState(world, "PutItem", { Item: left }));
        const credentials = { type: "bearer", clientSecret: world.provider.token };
        const calls: [string, string, object?][] = [
          ["PATCH", `/integrations/${id}`, { credentials }],
          ["POST", `/integrations/${id}/reauth`, { credentials }],
          ["POST", `/integrations/${id}/pause`],
          ["POST", `/integrations/${id}/resume`],
          ["DELETE", `/integrations/${id}`],
        ];
        for (const [method, path, body] of calls) {
          await leave();
          expect((await world.call(method, path, body)).body).toMatchObject({ code: "not-found" });
        }
        await leave();
        await world.cloud.runSchedules();
        expect(await openAttempts(world)).toEqual([]);
      },
    );

    /** A leaver call that is killed once it has marked the user as deleted, and has come to nothing else. */
    const cutOffLeaver = async (userId: string): Promise<void> => {
      ok(await world.call("PUT", `${at}/users/${userId}`, person(userId)));
      ok(await world.call("POST", `${at}/groups/leavers/members`, { add: [userId] }));
      // A group that is bound no longer, and there all the same.
      ok(await world.call("PUT", `${at}/groups/old-${userId}`, { name: `Old ${userId}`, members: [userId] }));
      ok(await world.call("DELETE", `${at}/groups/old-${userId}`));
      let isDeleted = false;
      const isBehind = (operation: string, body: string) => {
        if (isDeleted) return true;
        isDeleted = operation === "PutItem" && body.includes(`USER#${userId}`);
        return false;
      };
      const leave = () => world.call("DELETE", `/users/${userId}`);
      expect(await cutOff(world, "delete-user", isBehind, leave)).toBe(500);
    };
    /** The time is over in which the call itself was to see to what follows. */
    const overFor = (userId: string) => ({
      Key: { pk: { S: `USER#${userId}` }, sk: { S: "PROFILE" } },
      UpdateExpression: "SET changed.carriedOut.#until = :over, workSk = :first",
      ExpressionAttributeNames: { "#until": "until" },
      ExpressionAttributeValues: { ":over": { N: "0" }, ":first": { S: `${"0".repeat(15)}#USER#${userId}` } },
    });
    const membersLeft = async () =>
      ok(await world.call("GET", "/groups/leavers/members")).items.map(({ userId }) => userId);

    story(
      "in the middle of a leaving is made up for: by the stream, by the schedule, or where the user comes back",
      async () => {
        ok(await world.call("PUT", "/groups/leavers", { name: "Leavers", members: [] }));
        ok(await world.call("PUT", `${at}/groups/leavers`));
        await cutOffLeaver("lea");
        const TableName = world.cloud.stack.outputs.StateTableName;
        await world.cloud.stores.dynamodb("UpdateItem", { TableName, ...overFor("lea") });
        await world.cloud.settle();
        expect(await membersLeft()).toEqual([]);
        await cutOffLeaver("max");
        await onState(world, "UpdateItem", overFor("max"));
        await world.cloud.runSchedules();
        expect(await membersLeft()).toEqual([]);
        await cutOffLeaver("ned");
        ok(await world.call("PUT", "/users/ned", person("ned")));
        expect(await membersLeft()).toEqual([]);
      },
    );

    story(
      "again and again at a record of the stream lets it go to the dead letters, and the schedule heals it",
      async () => {
        const { cloud, call } = world;
        let killed = 0;
        cloud.aws.intercept = (principal) => {
          if (nameOf(cloud.stack, principal) !== "dispatchchanges") return undefined;
          killed += 1;
          setTimeout(() => cloud.kill("dispatch-changes"), 20);
          return "hang";
        };
        ok(await call("PATCH", "/users/jo", { jobTitle: "Baker" }));
        const dead = cloud.queues.find(({ arn }) => arn.includes("DeadLetters"));
        await until(async () => dead?.messages.length === 1);
        cloud.aws.intercept = undefined;
        expect(killed).toBeGreaterThanOrEqual(4);
        dead?.messages.splice(0);
        await cloud.runSchedules();
        await cloud.settle();
        expect(ok(await call("GET", `${at}/users/jo`)).state).toBe("in_sync");
      },
    );

    story("and a secret whose creation was not answered is taken back", async () => {
      world.cloud.aws.intercept = (_principal, operation) =>
        operation === "CreateSecret" ? "lose-reply" : undefined;
      const answer = await world.call("POST", "/integrations", activation(world.provider.token));
      world.cloud.aws.intercept = undefined;
      expect(answer).toMatchObject({ status: 503, body: { code: "store-unavailable" } });
    });
  });
