import { describe, expect } from "vitest";
import { story, type World } from "../world.ts";

export const deployStories = (world: World) =>
  describe("a further deploy", () => {
    story("that leaves the name of an adopted table out is refused", async () => {
      const [resource] = world.cloud.stack.customResources.filter(
        ({ properties }) => properties.Kind === "state",
      );
      if (!resource) throw new Error("the stack has no resource for the table of state");
      const OldResourceProperties = { ...resource.properties, TableName: "restored" };
      const request = { RequestType: "Update", PhysicalResourceId: "restored", OldResourceProperties };
      expect(await world.cloud.askResource(resource, request)).toMatchObject({
        Status: "FAILED",
        Reason: expect.stringContaining("-c stateTable=restored"),
      });
    });
  });
