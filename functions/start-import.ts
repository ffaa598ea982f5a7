import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { startImport } from "../shared/imports/start-import.ts";
import { importInputSchema, importJobSchema } from "../shared/model/import.ts";
import { idempotency, statePorts } from "../shared/runtime/services.ts";
import { jobStart } from "./state-access.ts";

/** Begins to take accounts of the last scan into the directory. */
export const endpoint = defineEndpoint({
  name: "start-import",
  method: "POST",
  path: "/integrations/{integrationId}/import/jobs",
  role: "provision",
  summary: "Import accounts into the directory",
  access: { state: jobStart, idempotencyKey: true },
  params: integrationParams,
  body: importInputSchema,
  answers: { 202: { description: "Begun.", schema: importJobSchema, headers: ["Location"] } },
  failures: ["not-found", "integration-not-active", "job-in-progress"],
  handle: async (request) => {
    const { integrationId } = request.params;
    const job = await startImport(statePorts, callOf(request), integrationId, request.body);
    const location = `/integrations/${integrationId}/import/jobs/${job.jobId}`;
    return { status: 202, body: job, headers: { location } };
  },
});

export const handler = lambda(endpoint, { idempotency });
