import type { Deployed, DeployedLambda } from "./deployed.ts";

/** The Lambda of a name as in `functions/`, by the id that the stack gives it. */
export const lambdaNamed = ({ lambdas }: Deployed, name: string): DeployedLambda => {
  const found = lambdas.find((one) => shortName(one.name) === name.replaceAll("-", ""));
  if (!found) throw new Error(`the stack has no Lambda ${name}`);
  return found;
};

/** The name of a Lambda, of its ARN or its role's, without hyphens; what is neither stays as it is. */
export const nameOf = ({ lambdas }: Deployed, arn: string): string => {
  const found = lambdas.find((one) => one.arn === arn || one.roleArn === arn);
  return found ? shortName(found.name) : arn;
};

/** `activateintegration` of `usher-activateintegrationFunction0F660BBE-…`. */
const shortName = (name: string): string => /-([a-z]+)Function[0-9A-F]{8}-/.exec(name)?.[1] ?? name;
