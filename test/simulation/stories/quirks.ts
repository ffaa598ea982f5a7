import type { Story } from "./story.ts";

/** Of what a provider does otherwise than others. */
export const quirkStories: readonly Story[] = [
  [
    "an account that was made shut is opened, also where neither the 201 nor the read after it came whole",
    {
      target: "mixed",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 3084408603,
      rounds: [
        [
          {
            what: { do: "assign", user: 3, n: 2 },
            process: 1,
            chance: 4049708460,
            network: [{ nth: 1, times: 5, kind: "truncated" }],
          },
        ],
      ],
      switches: { createsInactive: "opens" },
    },
  ],
  [
    "an account that a deletion of unknown outcome has shut out is opened for a user who comes back",
    {
      target: "mixed",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 2230664278,
      rounds: [
        [{ what: { do: "assign", user: 1 }, process: 1, chance: 180818538 }],
        [
          {
            what: { do: "unassign", user: 1, action: "delete" },
            process: 0,
            chance: 607907667,
            network: [{ nth: 0, times: 3, kind: "stale-socket" }],
          },
          { what: { do: "assign", user: 1, edit: "clear", n: 9 }, process: 1, chance: 928344281 },
        ],
      ],
      switches: { deleteDeactivates: "stays" },
    },
  ],
  [
    "a group whose PUT may hold no inactive member gets its others, and its name, without those who are shut out",
    {
      target: "mixed",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 2719383396,
      rounds: [
        [{ what: { do: "bind", group: 2, variant: "b", members: [4] }, process: 1, chance: 1236270383 }],
        [{ what: { do: "save", user: 4, edit: "suspend", n: 7 }, process: 0, chance: 1412694850 }],
        [{ what: { do: "change", group: 2, add: [0], remove: [] }, process: 0, chance: 370834996 }],
      ],
      switches: { inactiveMemberRefused: true, noPatch: 405 },
    },
  ],
  [
    "a member whose new account an attempt that was cut off has added is not added a second time",
    {
      target: "member-strict",
      policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" },
      chance: 2943543718,
      rounds: [
        [{ what: { do: "assign", user: 0 }, process: 1, chance: 3250938676 }],
        [{ what: { do: "bind", group: 0, variant: "b", members: [3] }, process: 1, chance: 927856156 }],
        [{ what: { do: "unassign", user: 3, action: "delete" }, process: 0, chance: 1238302644 }],
        [
          {
            what: { do: "assign", user: 3, n: 7 },
            process: 1,
            chance: 3815612574,
            network: [{ nth: 2, kind: "hang-after" }],
          },
          {
            what: { do: "leave", user: 0 },
            process: 1,
            chance: 2175139422,
            store: [
              { nth: 1, kind: "slow" },
              { nth: 6, kind: "death-after" },
            ],
          },
        ],
      ],
    },
  ],
];
