import { describe, expect } from "vitest";
import { story, type World } from "../world.ts";

export const tamperingStories = (world: World) =>
  describe("an event that is changed past the service", () => {
    story("is told by the stream of its table", async () => {
      const { stores, output, stack } = world.cloud;
      const TableName = stack.outputs.EventsTableName;
      const { Items } = (await stores.engine.call("Scan", { TableName }, "wire")) as {
        Items: Record<string, { S: string }>[];
      };
      const [event] = Items.filter(({ event_type }) => event_type !== undefined);
      const before = output.length;
      await stores.dynamodb("UpdateItem", {
        TableName,
        Key: { pk: event?.pk, sk: event?.sk },
        UpdateExpression: "SET tampered = :yes",
        ExpressionAttributeValues: { ":yes": { BOOL: true } },
      });
      await world.cloud.settle();
      expect(output.slice(before).join("")).toContain('"event-tampered"');
    });
  });
