import fc from "fast-check";
import { expect, test } from "vitest";
import { Failure } from "../../shared/model/failure.ts";
import { dispatchChange } from "../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { rehearse } from "../../shared/rehearsal/rehearse.ts";
import { createScimClient } from "../../shared/scim/client.ts";
import { openService, type Sent, type Service } from "../provisioning/automatic/service.ts";
import { type Act, groupId, perform, userId } from "./acts.ts";

const graceMs = 60_000;
const people = 4;
const teams = 2;

const user = fc.integer({ min: 0, max: people - 1 });
const members = fc.uniqueArray(user, { maxLength: people });
const group = fc.integer({ min: 0, max: teams - 1 });
const title = fc.constantFrom("Countess", "Engineer");
const name = fc.constantFrom("Admins", "Readers", "Writers");

const acts = fc.oneof(
  fc.record({ do: fc.constant("save" as const), user, title }),
  fc.record({ do: fc.constantFrom("assign", "assign", "lock", "unlock", "suspend", "leave"), user }),
  fc.record({ do: fc.constant("take out" as const), user, action: fc.constantFrom("deprovision", "delete") }),
  fc.record({ do: fc.constantFrom("save group", "bind", "bind"), group, name, members }),
  fc.record({ do: fc.constantFrom("members", "bound members"), group, add: members, remove: members }),
  fc.record({ do: fc.constantFrom("end", "unbind", "unbind and delete"), group }),
) as fc.Arbitrary<Act>;

/** What the directory's change makes due is carried out by the service itself. */
const goOn = async (service: Service): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) {
    const ids = Array.from({ length: people }, (_, at) => at);
    for (const at of ids)
      await service.run(() => dispatchChange(service.ports, { kind: "user", id: userId(at) }));
    for (const at of ids.slice(0, teams))
      await service.run(() => dispatchChange(service.ports, { kind: "group", id: groupId(at) }));
    for (const one of service.names)
      await service.run(() =>
        drainIntegration(service.ports, service.idOf(one), { until: service.now() + 60_000 }),
      );
  }
};

/** The result, or the code of the failure. */
const outcomeOf = async (act: Promise<unknown>): Promise<unknown> =>
  act.catch((error: unknown) => {
    if (error instanceof Failure) return error.code;
    throw error;
  });

const stateOf = ({ memory }: Service): string =>
  JSON.stringify(memory, (_, value) =>
    value instanceof Map ? [...value] : value instanceof Set ? [...value] : value,
  );

/** Ids that the provider gives are not known before. */
const idsOf = ({ memory }: Service): GivenId[] =>
  [...memory.userLinks.values(), ...memory.groupLinks.values()].flatMap(({ integrationId, id, observed }) =>
    observed.remoteId === undefined
      ? []
      : [{ integrationId, remote: observed.remoteId, own: `{remoteId:${id}}` }],
  );
type GivenId = { integrationId: string; remote: string; own: string };

/** In which order members are named tells nothing. */
const ordered = (body: string): string => {
  const sortLists = (_: string, value: unknown): unknown =>
    Array.isArray(value) ? value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value;
  return body === "" ? "" : JSON.stringify(JSON.parse(body), sortLists);
};

/** As one line, with the ids of the directory in place of the provider's. */
const line = (
  ids: GivenId[],
  { body, ...head }: { where: string; method: string; path: string; body: string },
) => {
  const named = (text: string) =>
    ids
      .filter(({ integrationId }) => integrationId === head.where)
      .reduce((rest, { remote, own }) => rest.replaceAll(remote, own), text);
  return named(`${head.where} ${head.method} ${head.path} `) + ordered(named(body));
};

const shown = (service: Service, ids: GivenId[], sent: Sent[]): string[] =>
  sent
    .map(({ host, method, path, search, body }) =>
      line(ids, { where: service.idOf(host), method, path: decodeURIComponent(path + search), body }),
    )
    .toSorted();

test("what a rehearsal records is what the call, and what goes on by itself, then send", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 1, maxLength: 12 }), async (plan) => {
      const service = await openService(["one", "two"]);
      for (let at = 0; at < people; at += 1) await service.save(userId(at));
      await goOn(service);
      for (const [at, act] of plan.entries()) {
        const integrationId = service.idOf(at % 2 === 0 ? "one" : "two");
        await service.pass(120_000);
        await goOn(service);
        service.sent.length = 0;
        const call = service.aCall();
        const before = stateOf(service);
        const rehearsed = await service.run(() =>
          outcomeOf(
            rehearse(
              service.ports,
              (exchange, clock) => createScimClient({ exchange, ...clock, random: () => 0.5 }),
              { act: (ports) => perform(ports, call, integrationId, act), until: service.now() + 60_000 },
            ),
          ),
        );
        expect(stateOf(service)).toBe(before);
        expect(service.sent).toEqual([]);

        const known = idsOf(service);
        const real = await service.run(() => outcomeOf(perform(service.ports, call, integrationId, act)));
        await goOn(service);
        // What a grace lets wait goes out, too.
        await service.pass(graceMs);
        await goOn(service);
        if (typeof rehearsed === "string") {
          expect(real).toBe(rehearsed);
          continue;
        }
        const { requests, requestsTotal } = rehearsed as Awaited<ReturnType<typeof rehearse>>;
        expect(requestsTotal).toBe(requests.length);
        const ids = [...known, ...idsOf(service)];
        const planned = requests.map(({ integrationId: where, method, path, body }) =>
          line(ids, { where, method, path, body: body === undefined ? "" : JSON.stringify(body) }),
        );
        expect(planned.toSorted(), JSON.stringify(plan.slice(0, at + 1))).toEqual(
          shown(service, ids, service.sent),
        );
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 60) },
  );
});
