import type { Endpoint, Route } from "../shared/http/endpoint.ts";
import type { HttpHandler } from "../shared/http/invocation.ts";
import * as activateIntegration from "./activate-integration.ts";
import * as addSourceToken from "./add-source-token.ts";
import * as adoptSourceObjects from "./adopt-source-objects.ts";
import * as applySync from "./apply-sync.ts";
import * as approveHold from "./approve-hold.ts";
import * as cancelImportJob from "./cancel-import-job.ts";
import * as cancelSync from "./cancel-sync.ts";
import * as changeGroupMembers from "./change-group-members.ts";
import * as changeSavedMembers from "./change-saved-members.ts";
import * as createSource from "./create-source.ts";
import * as deleteGroup from "./delete-group.ts";
import * as deleteIntegration from "./delete-integration.ts";
import * as deleteSource from "./delete-source.ts";
import * as deleteSourceToken from "./delete-source-token.ts";
import * as deleteUser from "./delete-user.ts";
import * as deprovisionUser from "./deprovision-user.ts";
import * as endExclusion from "./end-exclusion.ts";
import * as getEvent from "./get-event.ts";
import * as getGroup from "./get-group.ts";
import * as getGroupStatus from "./get-group-status.ts";
import * as getHold from "./get-hold.ts";
import * as getImportJob from "./get-import-job.ts";
import * as getIntegration from "./get-integration.ts";
import * as getMapping from "./get-mapping.ts";
import * as getMe from "./get-me.ts";
import * as getOverview from "./get-overview.ts";
import * as getSource from "./get-source.ts";
import * as getSourceMapping from "./get-source-mapping.ts";
import * as getSync from "./get-sync.ts";
import * as getUser from "./get-user.ts";
import * as getUserStatus from "./get-user-status.ts";
import * as health from "./health.ts";
import * as listAttention from "./list-attention.ts";
import * as listEvents from "./list-events.ts";
import * as listGroupMembers from "./list-group-members.ts";
import * as listGroupStatuses from "./list-group-statuses.ts";
import * as listGroups from "./list-groups.ts";
import * as listHolds from "./list-holds.ts";
import * as listImportJobs from "./list-import-jobs.ts";
import * as listImportRows from "./list-import-rows.ts";
import * as listImportUsers from "./list-import-users.ts";
import * as listIntegrations from "./list-integrations.ts";
import * as listSavedMembers from "./list-saved-members.ts";
import * as listSourceConflicts from "./list-source-conflicts.ts";
import * as listSources from "./list-sources.ts";
import * as listSyncItems from "./list-sync-items.ts";
import * as listSyncs from "./list-syncs.ts";
import * as listUserApplications from "./list-user-applications.ts";
import * as listUserStatuses from "./list-user-statuses.ts";
import * as listUsers from "./list-users.ts";
import * as lockUser from "./lock-user.ts";
import * as openapi from "./openapi.ts";
import * as patchUser from "./patch-user.ts";
import * as pauseIntegration from "./pause-integration.ts";
import * as provisionGroup from "./provision-group.ts";
import * as provisionUser from "./provision-user.ts";
import * as reauthIntegration from "./reauth-integration.ts";
import * as rejectHold from "./reject-hold.ts";
import * as resumeIntegration from "./resume-integration.ts";
import * as retryIntegration from "./retry-integration.ts";
import * as saveGroup from "./save-group.ts";
import * as saveUser from "./save-user.ts";
import * as startImport from "./start-import.ts";
import * as startScan from "./start-scan.ts";
import * as startSync from "./start-sync.ts";
import * as testIntegration from "./test-integration.ts";
import * as unbindGroup from "./unbind-group.ts";
import * as unlockUser from "./unlock-user.ts";
import * as updateIntegration from "./update-integration.ts";
import * as updateSource from "./update-source.ts";
import * as verifyGroup from "./verify-group.ts";
import * as verifyUser from "./verify-user.ts";

/** Every call of the API, in the order in which the OpenAPI document shows them. */
export const functions: readonly { endpoint: Endpoint; handler: HttpHandler }[] = [
  activateIntegration,
  listIntegrations,
  getIntegration,
  updateIntegration,
  reauthIntegration,
  testIntegration,
  pauseIntegration,
  resumeIntegration,
  retryIntegration,
  getMapping,
  deleteIntegration,
  listHolds,
  getHold,
  approveHold,
  rejectHold,
  saveUser,
  patchUser,
  getUser,
  listUsers,
  listUserApplications,
  lockUser,
  unlockUser,
  deleteUser,
  saveGroup,
  getGroup,
  listGroups,
  listSavedMembers,
  changeSavedMembers,
  deleteGroup,
  provisionUser,
  getUserStatus,
  listUserStatuses,
  deprovisionUser,
  endExclusion,
  verifyUser,
  provisionGroup,
  changeGroupMembers,
  getGroupStatus,
  listGroupStatuses,
  listGroupMembers,
  unbindGroup,
  verifyGroup,
  startSync,
  listSyncs,
  getSync,
  listSyncItems,
  applySync,
  cancelSync,
  startScan,
  listImportUsers,
  startImport,
  listImportJobs,
  getImportJob,
  listImportRows,
  cancelImportJob,
  createSource,
  listSources,
  getSource,
  updateSource,
  deleteSource,
  getSourceMapping,
  listSourceConflicts,
  addSourceToken,
  deleteSourceToken,
  adoptSourceObjects,
  getOverview,
  listAttention,
  listEvents,
  getEvent,
  getMe,
  health,
  openapi,
];

/** The endpoint table, from which the routes on AWS, the local server and the OpenAPI document derive. */
export const endpoints: readonly Endpoint[] = functions.map(({ endpoint }) => endpoint);

/** What the stack needs of each endpoint. */
export const routes: readonly Route[] = endpoints;
