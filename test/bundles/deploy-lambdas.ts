import { existsSync } from "node:fs";
import type { Authority } from "./aws/authority.ts";
import type { Lambda, LambdaService } from "./runtime/lambda.ts";
import type { DeployedLambda } from "./stack/deployed.ts";
import { account, region } from "./stack/values.ts";

export type FindLambda = (arn: string) => Lambda;

/** Lambdas of a template as they run: with the credentials of their role, and lines that are written in its name. */
export const deployLambdas = (
  lambdas: readonly DeployedLambda[],
  { service, authority }: { service: LambdaService; authority: Authority },
): FindLambda => {
  const running = new Map(lambdas.map((lambda) => [lambda.arn, deploy(lambda, service, authority)]));
  return (arn) => {
    const found = running.get(arn);
    if (!found) throw new Error(`no Lambda ${arn}`);
    return found;
  };
};

const deploy = (
  lambda: DeployedLambda,
  service: LambdaService,
  authority: Authority,
): ReturnType<FindLambda> => {
  const { name, code, roleArn, logGroup } = lambda;
  if (!existsSync(code)) throw new Error(`${name} has no asset at ${code}`);
  const { accessKeyId, secretAccessKey, sessionToken = "" } = authority.keysOf(roleArn);
  // As Lambda calls the streams of a group that is not its default one, which several functions may share.
  const logStream = `2026/01/01/${name}[$LATEST]${"0".repeat(32)}`;
  const environment = {
    ...lambda.environment,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  };
  const resource = `arn:aws:logs:${region}:${account}:log-group:${logGroup}:log-stream:${logStream}`;
  const { invoke, warm } = service.lambda({ ...lambda, environment });
  return {
    warm,
    invoke(event) {
      // Lambda writes the lines of a function with the function's own role.
      for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"])
        authority.decide(roleArn, { action, resource, context: {} });
      return invoke(event);
    },
  };
};
