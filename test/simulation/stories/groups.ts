import type { Story } from "./story.ts";

/** Of groups: who is in one, and who is held for it, once calls fail, die or meet. */
export const groupStories: readonly Story[] = [
  [
    "a user who leaves in the round that takes them into a group is out, and stays out once saved again",
    {
      target: "numeric-id",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" },
      chance: 2371498943,
      rounds: [
        [
          { what: { do: "bind", group: 2, variant: "a", members: [3] }, process: 0, chance: 823605398 },
          { what: { do: "leave", user: 3 }, process: 0, chance: 2291768131 },
          { what: { do: "save", user: 3, edit: "title", n: 7 }, process: 1, chance: 3781181078 },
        ],
      ],
    },
  ],
  [
    "a receipt names the event of a group whose link could not be settled",
    {
      target: "strongdm-2026",
      policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" },
      chance: 401455145,
      rounds: [
        [
          { what: { do: "assign", user: 0, edit: "odd letters", n: 8 }, process: 1, chance: 2623814129 },
          { what: { do: "unassign", user: 0, action: "deprovision" }, process: 1, chance: 1757376893 },
        ],
        [{ what: { do: "bind", group: 0, variant: "b", members: [0, 3] }, process: 0, chance: 687980323 }],
        [
          {
            what: { do: "assign", user: 0, edit: "same", n: 3 },
            process: 1,
            chance: 4228996081,
            store: [{ nth: 24, kind: "reply-lost" }],
          },
        ],
      ],
    },
  ],
  [
    "a receipt names the event of a member whose link could not be settled",
    {
      target: "late-writer",
      policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" },
      chance: 2666301077,
      rounds: [
        [{ what: { do: "bind", group: 1, variant: "a", members: [0, 3] }, process: 0, chance: 3287348586 }],
        [{ what: { do: "unassign", user: 3 }, process: 1, chance: 1581065068 }],
        [
          { what: { do: "save", user: 0, edit: "suspend", n: 9 }, process: 0, chance: 2753358604 },
          {
            what: { do: "assign", user: 3, edit: "same", n: 5 },
            process: 1,
            chance: 1371942647,
            store: [{ nth: 21, kind: "refused" }],
          },
        ],
      ],
    },
  ],
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
    "a group that can no longer be read loses a member where the provider denies its PATCH",
    {
      target: "mixed",
      policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" },
      chance: 605205260,
      rounds: [
        [
          {
            what: { do: "bind", group: 2, variant: "a", members: [1, 2, 3] },
            process: 0,
            chance: 2132934765,
          },
        ],
        [{ what: { do: "change", group: 2, add: [], remove: [2] }, process: 0, chance: 1406625618 }],
      ],
      switches: { discoveryLies: true, groupUnreadableAbove: 2 },
    },
  ],
  [
    "a member who is shut out keeps no group from changing where the provider denies its PATCH",
    {
      target: "mixed",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 4105420044,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [0, 2] }, process: 0, chance: 2864660121 }],
        [{ what: { do: "assign", user: 0, edit: "suspend", n: 8 }, process: 0, chance: 3351769786 }],
        [
          {
            what: { do: "leave", user: 2 },
            process: 1,
            chance: 3407076157,
            store: [{ nth: 10, kind: "death-after" }],
          },
        ],
        [{ what: { do: "assign", user: 2, edit: "same", n: 2 }, process: 1, chance: 1954401499 }],
      ],
      switches: { discoveryLies: true, inactiveMemberRefused: true },
    },
  ],
  [
    "a leaver whom a group never showed is taken out although a process died while doing so",
    {
      target: "mixed",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" },
      chance: 555846742,
      rounds: [
        [
          {
            what: { do: "bind", group: 0, variant: "a", members: [0, 1, 3] },
            process: 1,
            chance: 4176779162,
          },
        ],
        [
          {
            what: { do: "change", group: 0, add: [], remove: [3] },
            process: 0,
            chance: 339618460,
            network: [{ nth: 0, kind: "death-before" }],
          },
        ],
      ],
      switches: { membersShownUpTo: 2 },
    },
  ],
  [
    "a group that a killed call has taken over stays linked, where recovery is refused",
    {
      target: "missing-id",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 3990631611,
      rounds: [
        [{ what: { do: "bind", group: 1, variant: "a" }, process: 0, chance: 1148874525 }],
        [
          {
            what: { do: "change", group: 1, add: [3, 1], remove: [] },
            process: 1,
            chance: 856980087,
            network: [{ nth: 7, kind: "death-after" }],
          },
        ],
        [{ what: { do: "bind", group: 1, variant: "b", members: [] }, process: 1, chance: 331705013 }],
        [{ what: { do: "rotate" }, process: 0, chance: 2102093701 }],
      ],
    },
  ],
  [
    "one who left and joins again while others add them late is held again",
    {
      target: "relative-redirect",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 3261922759,
      rounds: [
        [
          {
            what: { do: "bind", group: 2, variant: "a", members: [2] },
            process: 0,
            chance: 593299408,
            network: [
              { nth: 7, times: 6, kind: "503-seconds" },
              { nth: 3, kind: "503-bare" },
            ],
          },
          { what: { do: "bind", group: 2, variant: "a", members: [4] }, process: 1, chance: 1959434994 },
        ],
        [{ what: { do: "change", group: 2, add: [4], remove: [] }, process: 0, chance: 87334382 }],
      ],
    },
  ],
  [
    "one whom a call takes out of a group after another took them back is added again",
    {
      target: "wso2-dup500",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 69115857,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "b", members: [3] }, process: 1, chance: 3574855711 }],
        [
          { what: { do: "recover" }, process: 0, chance: 1437467565 },
          { what: { do: "assign", user: 3, n: 9 }, process: 1, chance: 3571559188 },
          {
            what: { do: "unassign", user: 3 },
            process: 1,
            chance: 3432998623,
            network: [{ nth: 0, kind: "501" }],
          },
        ],
      ],
    },
  ],
  [
    "a group that lacks a member whose account is shut out is not taken for a list that is cut",
    {
      target: "mixed",
      policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" },
      chance: 3155828111,
      rounds: [
        [{ what: { do: "bind", group: 1, variant: "a", members: [2, 3] }, process: 0, chance: 2701060010 }],
        [{ what: { do: "assign", user: 3, edit: "suspend", n: 1 }, process: 1, chance: 959019763 }],
        [
          { what: { do: "unassign", user: 2, action: "deprovision" }, process: 0, chance: 704710220 },
          {
            what: { do: "change", group: 2, add: [3, 2, 0, 1], remove: [5] },
            process: 0,
            chance: 4167197323,
            store: [{ nth: 16, kind: "death-after" }],
          },
        ],
        [{ what: { do: "save", user: 3, edit: "activate", n: 3 }, process: 0, chance: 113106342 }],
      ],
      switches: { putKeeps: "members", discoveryLies: true, deactivateLeavesGroups: true },
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
  [
    "a member who was taken out, and whose addition came in late, is taken out again",
    {
      target: "snowflake-old",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 3690975323,
      rounds: [
        [
          {
            what: { do: "bind", group: 1, variant: "a", members: [0] },
            process: 0,
            chance: 594010153,
            network: [{ nth: 0, times: 6, kind: "drip" }],
          },
        ],
        [{ what: { do: "change", group: 1, add: [], remove: [0] }, process: 1, chance: 3150714462 }],
      ],
    },
  ],
  [
    "a member who left the directory, and whose addition came in late, is taken out again",
    {
      target: "slack",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 361110619,
      rounds: [
        [{ what: { do: "bind", group: 2, variant: "b" }, process: 1, chance: 1647256694 }],
        [
          {
            what: { do: "change", group: 2, add: [2], remove: [] },
            process: 1,
            chance: 3416052865,
            network: [{ nth: 0, times: 6, kind: "drip" }],
          },
        ],
        [{ what: { do: "leave", user: 2 }, process: 0, chance: 1856016744 }],
      ],
    },
  ],
  [
    "a group that is bound again holds members whom an unbinding that failed has let go",
    {
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
    },
  ],
  [
    "a member who was taken out by a call that died before it let go of them is let go of a month later",
    {
      target: "github-emu",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 1331307896,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [4] }, process: 0, chance: 3201124500 }],
        [
          { what: { do: "change", group: 0, add: [], remove: [4, 5, 0] }, process: 1, chance: 2582267506 },
          {
            what: { do: "assign", user: 1, n: 9 },
            process: 1,
            chance: 3628942102,
            store: [{ nth: 2, kind: "death-before" }],
          },
        ],
        [{ what: { do: "pass", seconds: 2678400 }, process: 0, chance: 1259714395 }],
      ],
    },
  ],
];
