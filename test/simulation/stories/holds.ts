import type { Story } from "./story.ts";

/** Of those whom the guard keeps. */
export const holdStories: readonly Story[] = [
  [
    "a hold counts whom it keeps, although the call that put them there was told of a failure before it did",
    {
      target: "slack",
      policies: {
        onUserUnassigned: "delete",
        onUserDeleted: "deprovision",
        guard: { users: 0, percent: 0, most: 2 },
      },
      chance: 621765151,
      rounds: [
        [{ what: { do: "bind", group: 1, variant: "a", members: [1] }, process: 0, chance: 937512745 }],
        [{ what: { do: "gone", user: 1 }, process: 1, chance: 2821640252 }],
        [{ what: { do: "save", user: 0, edit: "other e-mail", n: 3 }, process: 0, chance: 1662515643 }],
        [
          { what: { do: "members", group: 0, add: [], remove: [] }, process: 1, chance: 2672124394 },
          { what: { do: "bind", group: 0, variant: "b", members: [] }, process: 1, chance: 2904834367 },
        ],
        [{ what: { do: "bind", group: 0, variant: "a", members: [0] }, process: 0, chance: 342179030 }],
        [{ what: { do: "pass", seconds: 600 }, process: 1, chance: 1372920266 }],
      ],
      automatic: {
        chance: 615011870,
        slowness: 1,
        records: [{ nth: 1, kind: "late" }],
        wakeUps: [{ nth: 2, kind: "late" }],
        runs: [
          {
            nth: 2,
            store: [{ nth: 36, times: 3, kind: "refused" }],
            network: [
              { nth: 13, times: 5, kind: "500-before" },
              { nth: 1, times: 6, kind: "hang-after" },
            ],
          },
          {
            nth: 8,
            store: [
              { nth: 17, times: 3, kind: "slow" },
              { nth: 17, times: 3, kind: "death-after" },
              { nth: 37, times: 6, kind: "reply-lost" },
            ],
            network: [{ nth: 1, kind: "html-after" }],
          },
        ],
        stops: [],
        sweeps: [],
        jumps: [],
      },
    },
  ],
  [
    "a leaver who is held is shown as held, also where an earlier attempt was refused",
    {
      target: "late-writer",
      policies: {
        onUserUnassigned: "none",
        onUserDeleted: "delete",
        guard: { users: 0, percent: 0, most: 2 },
      },
      chance: 2319492963,
      rounds: [
        [{ what: { do: "assign", user: 1 }, process: 0, chance: 2827989295 }],
        [{ what: { do: "leave", user: 1 }, process: 1, chance: 896751622 }],
      ],
      automatic: {
        chance: 1576456344,
        slowness: 20,
        records: [],
        wakeUps: [],
        runs: [],
        stops: [],
        sweeps: [],
        jumps: [],
        poison: { user: 1, kind: "refused" },
      },
    },
  ],
  [
    "a call that unbinds a group shuts nobody out whom the guard holds",
    {
      target: "mixed",
      policies: {
        onUserUnassigned: "deprovision",
        onUserDeleted: "delete",
        guard: { users: 0, percent: 0, most: 2 },
      },
      chance: 2829704484,
      rounds: [
        [{ what: { do: "assign", user: 1 }, process: 1, chance: 516620269 }],
        [{ what: { do: "bind", group: 1, variant: "a", members: [1] }, process: 1, chance: 3141036868 }],
        [
          { what: { do: "patch", user: 1, edit: "stage", n: 2 }, process: 0, chance: 4235700052 },
          {
            what: { do: "unbind", group: 1 },
            process: 1,
            chance: 435182458,
            store: [{ nth: 5, kind: "slow" }],
          },
        ],
      ],
      automatic: {
        chance: 54174301,
        slowness: 8,
        records: [],
        wakeUps: [],
        runs: [],
        stops: [],
        sweeps: [],
        jumps: [],
      },
      switches: {},
    },
  ],
];
