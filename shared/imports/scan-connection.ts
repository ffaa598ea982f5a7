import type { Integration } from "../model/integration.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { JsonObject } from "../model/json.ts";

/** The base URL, and the version of the secret, that accounts are read with: kept with the scan, and with each import from it. */
export const connectionOf = ({ baseUrl, secretVersionId }: Integration): JsonObject => ({
  baseUrl,
  secretVersionId,
});

/**
 * Whether the scan, or that of the import, was read with the base URL and the secret that the integration has now. With
 * others it may be another tenant, where the same ids are other people: nobody can tell, so such a scan is good for
 * nothing.
 */
export const isOfConnection = (
  { baseUrl, secretVersionId }: Integration,
  { input }: Pick<IntegrationJob, "input">,
): boolean => input.baseUrl === baseUrl && input.secretVersionId === secretVersionId;
