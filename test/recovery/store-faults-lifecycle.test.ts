import { expect, test } from "vitest";
import type { TestProvider } from "../providers/provider.ts";
import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { type Answer, activation, aPerson, eventsOf, givenIntegration, useUsher } from "../support/steps.ts";
import { again, wrongAnswer } from "./store-fault-world.ts";
import { type Moment, useStoreFaults } from "./store-faults.ts";

const usher = useUsher();
const stores = useStoreFaults();
const moments: Moment[] = ["before", "after"];

type Lifecycle = {
  call(at: string, world: { provider: TestProvider; next: string }): Promise<Answer>;
  type: string;
  /** The integration is gone in the end. */
  ends?: true;
};
const exchanged = (clientSecret: string) => ({ credentials: { type: "bearer", clientSecret } });
const lifecycles: Record<string, Lifecycle> = {
  "an update with new credentials": {
    call: (at, { next }) => usher.call("PATCH", at, exchanged(next)),
    type: "idm_integration_update",
  },
  "a reauth": {
    call: (at, { next }) => usher.call("POST", `${at}/reauth`, exchanged(next)),
    type: "idm_integration_reauth",
  },
  "a deleted integration": {
    async call(at) {
      const answer = await usher.call("DELETE", at);
      // Recovery may have finished it.
      return answer.body.code === "integration-not-active" ? { ...answer, status: 204 } : answer;
    },
    type: "idm_integration_delete",
    ends: true,
  },
};

/** What is wrong with the integration and its events since `from`, once the call has come through. */
const wrongLifecycle = async (id: string, from: string, { type, ends }: Lifecycle): Promise<string[]> => {
  const at = `/integrations/${id}`;
  const problems: string[] = [];
  const events = await eventsOf(usher, `integrationId=${id}&eventType=${type}&from=${from}`);
  if (events.filter(({ success }) => success).length === 0) problems.push("no event of the success");
  const ids = events.map((event) => event.id);
  if (new Set(ids).size < ids.length) problems.push("two events of one attempt");
  const failures = events.filter(({ success }) => !success).map((event) => String(event.error_message));
  problems.push(...failures.filter((told) => !/cut off before/.test(told)));
  const { body } = await usher.call("GET", at);
  if (body.status !== (ends ? "deleted" : "active")) problems.push(`the integration is ${body.status}`);
  if (ends) return problems;
  const { userId, user } = aPerson();
  const used = await usher.call("PUT", `${at}/users/${userId}`, user);
  return used.status === 200 ? problems : [...problems, `its use: ${used.text}`];
};

test.each(Object.entries(lifecycles))(
  "%s comes through and is told, whichever request to a store fails",
  async (_, lifecycle) => {
    const problems: string[] = [];
    let faults = 0;
    for (const moment of moments) {
      for (let isMet = true, nth = 1; isMet; nth += 1) {
        const own = await startStrongDm();
        const { integrationId: id, path } = await givenIntegration(usher, own);
        const world = { provider: own, next: `the-next-token-${nth}` };
        if (!lifecycle.ends) own.setToken(world.next);
        const from = new Date().toISOString();
        const call = () => lifecycle.call(path, world);
        const { met, came } = await stores.failing(nth, moment, call);
        const found = [...wrongAnswer(came), ...(came.status >= 300 ? await again(usher, call) : [])];
        found.push(...(await wrongLifecycle(id, from, lifecycle)));
        problems.push(...found.map((what) => `${moment} ${nth} (${met}): ${what}`));
        isMet = met !== undefined;
        if (isMet) faults += 1;
        await own.close();
      }
    }
    expect(problems).toEqual([]);
    expect(faults).toBeGreaterThan(3);
  },
  60_000,
);

test("an activation comes through or leaves nothing, and is told, whichever request to a store fails", async () => {
  const problems: string[] = [];
  for (const moment of moments) {
    for (let isMet = true, nth = 1; isMet; nth += 1) {
      const own = await startStrongDm();
      const call = () => usher.call("POST", "/integrations", activation(own));
      const { met, came } = await stores.failing(nth, moment, call);
      await usher.run.recover();
      const all = await usher.call("GET", "/integrations?limit=500");
      const found = all.body.items.filter(({ baseUrl }) => baseUrl === own.baseUrl);
      const events = (await eventsOf(usher, "eventType=idm_integration_activate")).filter((event) =>
        JSON.stringify(event.changes).includes(own.baseUrl),
      );
      const told = events.filter(({ success }) => success).map((event) => event.idm_client_id);
      const is = JSON.stringify(found.map(({ integrationId: id }) => id));
      if (is !== JSON.stringify(told)) problems.push(`${moment} ${nth} (${met}): ${is} and told ${told}`);
      if (events.length > 1) problems.push(`${moment} ${nth} (${met}): ${events.length} events`);
      problems.push(...wrongAnswer(came).map((what) => `${moment} ${nth} (${met}): ${what}`));
      for (const { integrationId: id } of found) {
        const { userId, user } = aPerson();
        const used = await usher.call("PUT", `/integrations/${id}/users/${userId}`, user);
        if (used.status !== 200) problems.push(`${moment} ${nth} (${met}): its use: ${used.text}`);
      }
      isMet = met !== undefined;
      await own.close();
    }
  }
  expect(problems).toEqual([]);
}, 60_000);
