import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { accountStories } from "./stories/accounts.ts";
import { automaticStories } from "./stories/automatic.ts";
import { groupStories } from "./stories/groups.ts";
import { holdStories } from "./stories/holds.ts";
import { lateStories } from "./stories/late.ts";
import { quirkStories } from "./stories/quirks.ts";

test.each([
  ...accountStories,
  ...automaticStories,
  ...groupStories,
  ...holdStories,
  ...lateStories,
  ...quirkStories,
])("%s", async (_, plan) => {
  expect((await simulate(plan)).problems).toEqual([]);
});
