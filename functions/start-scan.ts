import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { startScan } from "../shared/imports/start-scan.ts";
import { importJobSchema, scanInputSchema } from "../shared/model/import.ts";
import { idempotency, statePorts } from "../shared/runtime/services.ts";
import { jobStart } from "./state-access.ts";

/** Begins to read the accounts of a service provider, for the list of those that may be imported. */
export const endpoint = defineEndpoint({
  name: "start-scan",
  method: "POST",
  path: "/integrations/{integrationId}/import/scans",
  role: "provision",
  summary: "Scan the accounts of a service provider",
  access: { state: jobStart, idempotencyKey: true },
  params: integrationParams,
  body: scanInputSchema.prefault({}),
  answers: { 202: { description: "Begun.", schema: importJobSchema, headers: ["Location"] } },
  failures: [
    "not-found",
    "integration-not-active",
    "integration-needs-reauth",
    "job-in-progress",
    "acknowledgement-needed",
  ],
  handle: async (request) => {
    const { integrationId } = request.params;
    const job = await startScan(statePorts, callOf(request), integrationId, request.body);
    const location = `/integrations/${integrationId}/import/jobs/${job.jobId}`;
    return { status: 202, body: job, headers: { location } };
  },
});

export const handler = lambda(endpoint, { idempotency });
