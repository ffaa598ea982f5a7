import type { Story } from "./story.ts";

/** Of requests that had no answer, and that the provider carries out behind later ones. */
export const lateStories: readonly Story[] = [
  [
    "a member whose addition had no answer, and was sent again, is taken out again where it comes in behind the removal",
    {
      target: "late-writer",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 169840524,
      rounds: [
        [{ what: { do: "assign", user: 2 }, process: 0, chance: 1322956403 }],
        [{ what: { do: "bind", group: 0, variant: "a", members: [2] }, process: 1, chance: 4102879118 }],
        [{ what: { do: "remap", title: "Fixed" }, process: 1, chance: 2042350641 }],
        [
          {
            what: { do: "bind", group: 0, variant: "b", members: [5] },
            process: 0,
            chance: 1393632314,
            network: [{ nth: 0, times: 6, kind: "drip" }],
          },
        ],
        [{ what: { do: "change", group: 0, add: [], remove: [] }, process: 0, chance: 1825489698 }],
        [{ what: { do: "change", group: 0, add: [], remove: [5] }, process: 0, chance: 3760620972 }],
      ],
    },
  ],
  [
    "a member stays out of a group whose PUT had no answer, and comes in behind the removal",
    {
      target: "no-patch",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 4854813,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [3] }, process: 0, chance: 12460172 }],
        [
          {
            what: { do: "change", group: 0, add: [5], remove: [] },
            process: 0,
            chance: 13645016,
            store: [{ nth: 3, kind: "slow" }],
            network: [{ nth: 0, times: 5, kind: "drip" }],
          },
        ],
        [{ what: { do: "change", group: 0, add: [], remove: [3] }, process: 1, chance: 26363967 }],
      ],
    },
  ],
  [
    "a group keeps its name where a PUT that had no answer comes in behind the new one",
    {
      target: "liar",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 8012155,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [3] }, process: 0, chance: 1655615 }],
        [
          {
            what: { do: "change", group: 0, add: [5], remove: [] },
            process: 0,
            chance: 28715331,
            store: [{ nth: 3, kind: "slow" }],
            network: [{ nth: 1, times: 7, kind: "drip" }],
          },
        ],
        [{ what: { do: "bind", group: 0, variant: "b", members: [] }, process: 1, chance: 32641920 }],
      ],
    },
  ],
];
