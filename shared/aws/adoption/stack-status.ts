import { type CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";

/**
 * What CloudFormation says of a stack, e.g. `UPDATE_IN_PROGRESS`; undefined where there is none, or none any more. To be
 * asked by the id: a deleted stack is known by that for 90 days, and its name may be another's by now.
 *
 * @throws the SDK's error where it may not be asked
 */
export const stackStatus = async (
  client: CloudFormationClient,
  stackId: string,
): Promise<string | undefined> => {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
    const status = Stacks[0]?.StackStatus;
    return status === "DELETE_COMPLETE" ? undefined : status;
  } catch (error) {
    if (error instanceof Error && / does not exist$/.test(error.message)) return undefined;
    throw error;
  }
};

/** Whether CloudFormation goes back to what the stack was before a deploy that failed. */
export const isRollback = (status: string | undefined): boolean => status?.includes("ROLLBACK") === true;
