import { expect, test } from "vitest";
import type { Plan } from "./plan.ts";
import { simulate } from "./simulate.ts";

/** The smallest stories of promises that were broken once. Each is mended in the service, and stays so. */
const stories: [promise: string, plan: Plan][] = [
  [
    "a member whom one process adds while another takes everybody out does not stay",
    {
      target: "late-writer",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 318169237,
      rounds: [
        [
          {
            what: { do: "bind", group: 0, variant: "b", members: [2, 1] },
            process: 1,
            chance: 3548216251,
          },
          {
            what: { do: "bind", group: 0, variant: "b", members: [] },
            process: 0,
            chance: 3083753879,
            network: [{ nth: 0, kind: "drip" }],
          },
        ],
      ],
    },
  ],
  [
    "a user whose account a deactivation destroyed gets a new one, also where recovery ended the attempt",
    {
      target: "pagerduty",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 1514790121,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [0] }, process: 0, chance: 3057727709 }],
        [
          {
            what: { do: "unassign", user: 0, action: "deprovision" },
            process: 0,
            chance: 785626929,
            store: [{ nth: 5, times: 3, kind: "reply-lost" }],
          },
        ],
        [{ what: { do: "assign", user: 0, n: 6 }, process: 1, chance: 949744374 }],
      ],
    },
  ],
  [
    "a new secret is taken where the accounts that are linked were deleted by attempts that nobody could end",
    {
      target: "generic",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 2209646521,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [3] }, process: 1, chance: 2144429977 }],
        [
          {
            what: { do: "change", group: 0, add: [1], remove: [] },
            process: 1,
            chance: 1113378199,
            network: [{ nth: 1, kind: "death-before" }],
          },
        ],
        [
          {
            what: { do: "unassign", user: 3 },
            process: 1,
            chance: 1060139302,
            store: [{ nth: 7, kind: "refused" }],
          },
        ],
        [{ what: { do: "rotate" }, process: 0, chance: 558452200 }],
      ],
    },
  ],
  [
    "a user whose account a deletion of unknown outcome removed gets a new one",
    {
      target: "generic",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 5,
      rounds: [
        [{ what: { do: "assign", user: 3 }, process: 0, chance: 1 }],
        [{ what: { do: "pass", seconds: 90 }, process: 0, chance: 1 }],
        [
          {
            what: { do: "unassign", user: 3, action: "delete" },
            process: 0,
            chance: 2,
            network: [
              { nth: 0, kind: "500-after" },
              { nth: 1, kind: "500-before", times: 12 },
            ],
          },
        ],
        [{ what: { do: "assign", user: 3 }, process: 0, chance: 3 }],
      ],
    },
  ],
  [
    "a claim made to adopt an account does not outlive its call",
    {
      target: "gitlab",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 4220860714,
      rounds: [
        [
          {
            what: { do: "assign", user: 1, edit: "odd letters", n: 3 },
            process: 1,
            chance: 2541542996,
            store: [{ nth: 3, times: 6, kind: "slow" }],
          },
        ],
        [{ what: { do: "unassign", user: 1, action: "delete" }, process: 1, chance: 3010685987 }],
      ],
    },
  ],
  [
    "what an adoption of unknown outcome sent is cleared once it is no longer wanted",
    {
      target: "flaky",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 2355716701,
      rounds: [
        [
          {
            what: { do: "assign", user: 1, n: 0 },
            process: 0,
            chance: 470213377,
            network: [{ nth: 1, kind: "death-after" }],
          },
        ],
        [{ what: { do: "rotate" }, process: 1, chance: 260918363 }],
        [{ what: { do: "save", user: 1, edit: "clear", n: 6 }, process: 0, chance: 821590986 }],
      ],
    },
  ],
  [
    "a link tells no other outcome than the event that was written before its attempt was cut off",
    {
      target: "generic",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 1,
      rounds: [
        [
          {
            what: { do: "assign", user: 3 },
            process: 1,
            chance: 7,
            store: [{ nth: 9, times: 2, kind: "refused" }],
            network: [
              { nth: 1, kind: "500-after" },
              { nth: 2, times: 9, kind: "500-before" },
            ],
          },
        ],
      ],
    },
  ],
  [
    "a member who was shut out and came back while the group was bound nowhere is in it once it is bound again",
    {
      target: "github-emu",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 496250932,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [2] }, process: 0, chance: 637444376 }],
        [{ what: { do: "unassign", user: 2, action: "deprovision" }, process: 1, chance: 3897703520 }],
        [{ what: { do: "unbind", group: 0 }, process: 0, chance: 1081661905 }],
        [{ what: { do: "assign", user: 2, n: 4 }, process: 1, chance: 4166864794 }],
        [{ what: { do: "bind", group: 0, variant: "a", members: [2] }, process: 0, chance: 2756602234 }],
      ],
    },
  ],
  [
    "a member whom a cut-off attempt took out is added again, although the list proves nobody gone",
    {
      target: "generic",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 1574275170,
      rounds: [
        [{ what: { do: "bind", group: 2, variant: "a", members: [0, 3] }, process: 0, chance: 4284380151 }],
        [
          { what: { do: "bind", group: 2, variant: "a", members: [0] }, process: 0, chance: 3084411326 },
          { what: { do: "change", group: 2, add: [], remove: [0] }, process: 1, chance: 1654229169 },
          {
            what: { do: "bind", group: 0, variant: "a", members: [] },
            process: 1,
            chance: 2307739268,
            store: [{ nth: 6, kind: "death-before" }],
          },
        ],
      ],
    },
  ],
  [
    "a user whom one call holds for a group, while another takes them out of it, is let go of",
    {
      target: "generic",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 2013937451,
      rounds: [
        [{ what: { do: "bind", group: 1, variant: "a", members: [0] }, process: 0, chance: 355393214 }],
        [
          { what: { do: "change", group: 1, add: [4], remove: [0, 2, 1] }, process: 1, chance: 4193257721 },
          { what: { do: "bind", group: 1, variant: "b", members: [3] }, process: 1, chance: 3105438635 },
        ],
      ],
    },
  ],
  [
    "a call that read the group before somebody joined it does not let go of them once another call holds them",
    {
      target: "keycloak-501",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 1152332154,
      rounds: [
        [
          {
            what: { do: "bind", group: 2, variant: "a" },
            process: 1,
            chance: 70731795,
            store: [{ nth: 15, kind: "slow" }],
          },
          { what: { do: "bind", group: 2, variant: "b", members: [0, 3] }, process: 0, chance: 268106379 },
        ],
      ],
    },
  ],
  [
    "a member who left while the group's attempt was cut off is let go of, although the call comes a month later",
    {
      target: "member-lax",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 3181750956,
      rounds: [
        [
          {
            what: { do: "bind", group: 2, variant: "a", members: [5] },
            process: 0,
            chance: 642024951,
            network: [{ nth: 4, kind: "death-before" }],
          },
        ],
        [{ what: { do: "change", group: 2, add: [], remove: [5] }, process: 0, chance: 3941737243 }],
        [{ what: { do: "pass", seconds: 2678400 }, process: 1, chance: 148866703 }],
      ],
    },
  ],
  [
    "a member who was never pushed, and left in a call that was cut off, is let go of a month later",
    {
      target: "mixed",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 180568065,
      rounds: [
        [{ what: { do: "bind", group: 2, variant: "b", members: [] }, process: 0, chance: 1312001979 }],
        [
          {
            what: { do: "change", group: 2, add: [5], remove: [] },
            process: 1,
            chance: 1022157963,
            network: [{ nth: 2, times: 6, kind: "stale-socket" }],
          },
        ],
        [
          {
            what: { do: "bind", group: 2, variant: "b", members: [] },
            process: 1,
            chance: 1439901418,
            store: [{ nth: 18, kind: "reply-lost" }],
          },
        ],
        [{ what: { do: "pass", seconds: 2678400 }, process: 0, chance: 3340980351 }],
      ],
      switches: {},
    },
  ],
];

test.each(stories)("%s", async (_, plan) => {
  expect((await simulate(plan)).problems).toEqual([]);
});

test("a group that is bound again holds members whom an unbinding that failed has let go", async () => {
  const plan: Plan = {
    target: "wso2-dup400",
    policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
    chance: 7,
    rounds: [
      [{ what: { do: "bind", group: 2, variant: "a", members: [0] }, process: 0, chance: 1 }],
      [
        {
          what: { do: "unbind", group: 2 },
          process: 0,
          chance: 2,
          network: [{ nth: 0, kind: "501" }],
        },
      ],
      [{ what: { do: "bind", group: 2, variant: "a", members: [0] }, process: 0, chance: 3 }],
    ],
  };
  expect((await simulate(plan)).problems).toEqual([]);
});
