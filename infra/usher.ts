import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { routes } from "../functions/index.ts";
import { checkOptions, type Options } from "./settings.ts";
import { fillStack, type Parts, stackDescription } from "./usher-stack.ts";

/** The options of docs/deploy.md beside those of any stack. `stackName` takes the place of `stage`. */
export type UsherProps = StackProps & Omit<Options, "stage" | keyof StackProps>;

/**
 * Usher as a stack of another CDK app, as often as there are to be deployments:
 * `new Usher(app, "Usher", { env, organization: "Example Ltd", alarmEmail: "ops@example.com" })`.
 *
 * A stack and no construct within one: it fills most of what CloudFormation lets a stack hold. Its secrets are named after the
 * stack, so two of one name do not fit in an account and region.
 *
 * @throws Error that names each property with a value that cannot be meant
 */
// A class, since that is how the CDK knows constructs.
export class Usher extends Stack implements Parts {
  readonly api: Parts["api"];
  readonly url: Parts["url"];
  readonly eventsTable: Parts["eventsTable"];
  readonly alarmTopic: Parts["alarmTopic"];
  readonly policies: Parts["policies"];

  constructor(scope: Construct, id: string, props: UsherProps = {}) {
    super(scope, id, { description: stackDescription, terminationProtection: true, ...props });
    // These two are the stack's own, in the shape that any stack takes them.
    const { tags, permissionsBoundary, ...options } = props;
    const settings = { ...checkOptions(options), stackName: this.stackName };
    const parts = fillStack(this, { settings, routes });
    this.api = parts.api;
    this.url = parts.url;
    this.eventsTable = parts.eventsTable;
    this.alarmTopic = parts.alarmTopic;
    this.policies = parts.policies;
  }
}
