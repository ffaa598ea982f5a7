import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupIdSchema, userIdSchema } from "../shared/model/directory.ts";
import { eventSchema, eventTypeSchema } from "../shared/model/event.ts";
import { integrationIdSchema } from "../shared/model/integration.ts";
import { eventReader } from "../shared/runtime/services.ts";

/** Events are ordered by their time as text, so the ends of a range take the events' own form: UTC, milliseconds. */
const moment = z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString());

/** Lists Directory Insights events, newest first by default. */
export const endpoint = defineEndpoint({
  name: "list-events",
  method: "GET",
  path: "/events",
  role: "read",
  summary: "Query the audit events",
  access: {
    events: {
      batchGet: true,
      query: ["table", "byIntegration", "bySubject", "byType", "byInitiator", "byCorrelation", "byFailure"],
    },
  },
  query: z.strictObject({
    integrationId: integrationIdSchema.exactOptional(),
    eventType: eventTypeSchema.exactOptional(),
    userId: userIdSchema
      .exactOptional()
      .meta({ description: "Events of the user, and group events that added or removed the user." }),
    groupId: groupIdSchema.exactOptional(),
    initiatedBy: z.string().min(1).max(1024).exactOptional().meta({ description: "`initiated_by.id`." }),
    correlationId: z.string().min(1).max(128).exactOptional(),
    success: z
      .enum(["true", "false"])
      .transform((text) => text === "true")
      .exactOptional(),
    from: moment.exactOptional().meta({ description: "RFC 3339, inclusive." }),
    to: moment.exactOptional().meta({ description: "RFC 3339, exclusive." }),
    order: z.enum(["asc", "desc"]).default("desc"),
    ...pageQuery,
  }),
  answers: { 200: { description: "One page of events.", schema: pageOf(eventSchema) } },
  failures: [],
  handle: async ({ query }) => ({ status: 200, body: await eventReader().query(query) }),
});

export const handler = lambda(endpoint);
