import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { lambda } from "../shared/http/lambda.ts";
import { eventSchema } from "../shared/model/event.ts";
import { Failure } from "../shared/model/failure.ts";
import { eventReader } from "../shared/runtime/services.ts";

/** Reads one Directory Insights event. */
export const endpoint = defineEndpoint({
  name: "get-event",
  method: "GET",
  path: "/events/{eventId}",
  role: "read",
  summary: "Read an audit event",
  access: { events: { get: true } },
  params: z.object({ eventId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "not an event id") }),
  answers: { 200: { description: "The event.", schema: eventSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => {
    const event = await eventReader().get(params.eventId);
    if (!event) throw new Failure("not-found", "There is no event of this id, or it has expired.");
    return { status: 200, body: event };
  },
});

export const handler = lambda(endpoint);
