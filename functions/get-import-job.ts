import { defineEndpoint } from "../shared/http/endpoint.ts";
import { importJobParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { getImportJob } from "../shared/imports/import-jobs.ts";
import { importJobSchema } from "../shared/model/import.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { jobReads } from "./state-access.ts";

/** Reads a scan or an import: how far it is, and what it has come to. */
export const endpoint = defineEndpoint({
  name: "get-import-job",
  method: "GET",
  path: "/integrations/{integrationId}/import/jobs/{jobId}",
  role: "read",
  summary: "Read a scan or an import",
  access: { state: jobReads },
  params: importJobParams,
  answers: { 200: { description: "The job.", schema: importJobSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({ status: 200, body: await getImportJob(statePorts, params) }),
});

export const handler = lambda(endpoint);
