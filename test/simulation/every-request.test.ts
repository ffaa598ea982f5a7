import { expect, test } from "vitest";
import type { Draft } from "./drafts.ts";
import { networkFaultKinds, storeFaultKinds } from "./faults.ts";
import { userCount } from "./model.ts";
import type { Plan, PlannedCall } from "./plan.ts";
import { simulate } from "./simulate.ts";

/** One call of each kind, with the calls that it needs before. */
const calls: [name: string, before: Draft[], call: Draft][] = [
  ["creates an account", [], { do: "assign", user: 3 }],
  ["adopts an account", [], { do: "assign", user: 0, edit: "title", n: 1 }],
  ["changes an account", [{ do: "assign", user: 3 }], { do: "assign", user: 3, edit: "name", n: 2 }],
  ["renames an account", [{ do: "assign", user: 3 }], { do: "assign", user: 3, edit: "other e-mail", n: 1 }],
  ["suspends a user", [{ do: "assign", user: 3 }], { do: "assign", user: 3, edit: "suspend" }],
  ["takes a user out", [{ do: "assign", user: 3 }], { do: "unassign", user: 3, action: "deprovision" }],
  ["deletes an account", [{ do: "assign", user: 3 }], { do: "unassign", user: 3, action: "delete" }],
  [
    "removes a leaver with groups",
    [{ do: "bind", group: 0, variant: "a", members: [2, 3] }],
    { do: "leave", user: 3 },
  ],
  ["makes a group with members", [], { do: "bind", group: 0, variant: "a", members: [2, 3] }],
  ["takes over a group", [{ do: "assign", user: 3 }], { do: "bind", group: 1, variant: "a", members: [3] }],
  [
    "renames a group",
    [{ do: "bind", group: 0, variant: "a", members: [3] }],
    { do: "bind", group: 0, variant: "b" },
  ],
  [
    "changes members",
    [{ do: "bind", group: 0, variant: "a", members: [2, 3] }],
    { do: "change", group: 0, add: [4], remove: [2] },
  ],
  ["unbinds a group", [{ do: "bind", group: 0, variant: "a", members: [3] }], { do: "unbind", group: 0 }],
  [
    "deletes a group",
    [{ do: "bind", group: 0, variant: "a", members: [3] }],
    { do: "unbind", group: 0, action: "delete" },
  ],
  ["gives a new secret", [{ do: "assign", user: 3 }, { do: "rotate" }], { do: "reauth", isRight: true }],
  ["maps anew", [{ do: "assign", user: 3 }], { do: "remap", title: "Fixed" }],
  ["meets a refused secret", [{ do: "assign", user: 3 }, { do: "rotate" }], { do: "assign", user: 4 }],
];

const planOf = (before: Draft[], call: Draft, faults: Pick<PlannedCall, "store" | "network"> = {}): Plan => ({
  target: "generic",
  policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
  chance: 1,
  rounds: [
    ...before.map((what, at) => [{ what, process: 0, chance: at }]),
    [{ what: call, process: 1, chance: 7, ...faults }],
  ],
});

/** How many requests of stores and of the provider the call makes where nothing goes wrong. */
const requestsOf = async (before: Draft[], call: Draft): Promise<{ store: number; network: number }> => {
  const { trace } = await simulate(planOf(before, call));
  // The activation and everybody who is saved at the start are calls, too.
  const number = 1 + userCount + before.length + 1;
  const own = trace.filter((line) => line.includes(` c${number}-${call.do} `));
  const network = own.filter((line) => /-\w+ (GET|POST|PUT|PATCH|DELETE) \//.test(line)).length;
  return { store: own.length - network, network };
};

test.each(calls)(
  "a call that %s keeps every promise, whichever request of a store goes wrong",
  { timeout: 120_000 },
  async (_, before, call) => {
    const { store } = await requestsOf(before, call);
    expect(store).toBeGreaterThan(3);
    for (let nth = 0; nth < store; nth += 1)
      for (const kind of storeFaultKinds) {
        const { problems } = await simulate(planOf(before, call, { store: [{ nth, kind }] }));
        expect(problems, `${kind} at request ${nth}`).toEqual([]);
      }
  },
);

test.each(calls)(
  "a call that %s keeps every promise, whichever of its requests to the provider goes wrong",
  { timeout: 120_000 },
  async (_, before, call) => {
    const { network } = await requestsOf(before, call);
    for (let nth = 0; nth < network; nth += 1)
      for (const kind of networkFaultKinds)
        for (const times of [1, 6]) {
          const { problems } = await simulate(planOf(before, call, { network: [{ nth, times, kind }] }));
          expect(problems, `${kind}, ${times} times from request ${nth} on`).toEqual([]);
        }
  },
);
