import { defineEndpoint } from "../shared/http/endpoint.ts";
import { importJobParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { cancelImportJob } from "../shared/imports/import-jobs.ts";
import { importJobSchema } from "../shared/model/import.ts";
import { idempotency, statePorts } from "../shared/runtime/services.ts";
import { jobEnd } from "./state-access.ts";

/** Lets a scan or an import end before its next step. */
export const endpoint = defineEndpoint({
  name: "cancel-import-job",
  method: "POST",
  path: "/integrations/{integrationId}/import/jobs/{jobId}/cancel",
  role: "provision",
  summary: "Cancel a scan or an import",
  access: { state: jobEnd, idempotencyKey: true },
  params: importJobParams,
  answers: { 200: { description: "As it is now; it ends before its next step.", schema: importJobSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({ status: 200, body: await cancelImportJob(statePorts, params) }),
});

export const handler = lambda(endpoint, { idempotency });
