import { randomUUID } from "node:crypto";
import type { CustomResource, Deployed } from "../stack/deployed.ts";
import { account, region } from "../stack/values.ts";
import type { Authority } from "./authority.ts";
import type { Service } from "./aws-server.ts";
import { requireRights } from "./stores.ts";

/** What a custom resource told its stack. */
export type ResourceAnswer = { Status: "SUCCESS" | "FAILED"; PhysicalResourceId: string; Reason?: string };
type Invoke = (arn: string, event: object) => Promise<unknown>;

export type CloudFormation = {
  services: Service[];
  /** Asks the Lambda of a custom resource, as a deploy does; undefined where it told the stack nothing. */
  ask(resource: CustomResource, request: object, invoke: Invoke): Promise<ResourceAnswer | undefined>;
};

/** CloudFormation, as far as Lambdas see it: the status of the stack, and the place where custom resources answer. */
export const openCloudFormation = (stack: Deployed, authority: Authority): CloudFormation => {
  const answers = new Map<string, ResourceAnswer>();
  const stacks: Service = {
    name: "cloudformation",
    async respond(principal, { body }) {
      const form = new URLSearchParams(body.toString());
      const [action, name] = [form.get("Action"), form.get("StackName") ?? ""];
      if (action !== "DescribeStacks") throw new Error(`CloudFormation: ${action} is not served here`);
      requireRights(authority, principal, [
        { action: `cloudformation:${action}`, resource: name, context: {} },
      ]);
      const status = name === stack.id ? "UPDATE_IN_PROGRESS" : "DELETE_COMPLETE";
      const one = `<StackName>usher</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus>`;
      const result = `<DescribeStacksResult><Stacks><member>${one}</member></Stacks></DescribeStacksResult>`;
      const space = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
      return {
        type: "text/xml",
        body: `<DescribeStacksResponse xmlns="${space}">${result}</DescribeStacksResponse>`,
      };
    },
  };
  const responses: Service = {
    name: "s3",
    isPresigned: true,
    async respond(_principal, { method, url, body }) {
      if (method !== "PUT") throw new Error(`S3: ${method} is not served here`);
      answers.set(url, JSON.parse(body.toString()));
      return { type: "application/xml", body: "" };
    },
  };
  return {
    services: [stacks, responses],
    async ask({ id, type, lambda, properties }, request, invoke) {
      const ResponseURL = `https://s3.${region}.amazonaws.com/responses-${account}/${randomUUID()}`;
      await invoke(lambda, {
        RequestType: "Create",
        ServiceToken: lambda,
        ResponseURL,
        StackId: stack.id,
        RequestId: randomUUID(),
        LogicalResourceId: id,
        ResourceType: type,
        ResourceProperties: properties,
        ...request,
      });
      return answers.get(ResponseURL);
    },
  };
};
