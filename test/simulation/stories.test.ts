import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { accountStories } from "./stories/accounts.ts";
import { groupStories } from "./stories/groups.ts";
import { quirkStories } from "./stories/quirks.ts";

test.each([...accountStories, ...groupStories, ...quirkStories])("%s", async (_, plan) => {
  expect((await simulate(plan)).problems).toEqual([]);
});
