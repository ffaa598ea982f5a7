import { CloudFormationClient } from "@aws-sdk/client-cloudformation";

/** Region and credentials are the SDK's to find, as those of every store. */
export const createCloudFormationClient = (): CloudFormationClient => new CloudFormationClient({});
