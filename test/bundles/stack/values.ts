import { createHash } from "node:crypto";

/** Where the stack is deployed; the same as the embedded stores say of themselves. */
export const region = "us-east-1";
export const account = "000000000000";
const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;

export type Resource = { Type: string; Properties?: Record<string, unknown> };
export type Template = { Resources: Record<string, Resource>; Outputs?: Record<string, { Value: unknown }> };

/** The ARN of a secret ends in six characters of its own. */
export const secretArn = (name: string): string => {
  const end = createHash("sha256")
    .update(name)
    .digest("base64")
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, 6);
  return arn("secretsmanager", `secret:${name}-${end}`);
};

/** The name that a deploy would give a resource that has none of its own. */
export const physicalName = (stack: string, id: string, { Properties: p = {} }: Resource): string => {
  const given = [p.TableName, p.QueueName, p.FunctionName, p.RoleName, p.LogGroupName, p.TopicName, p.Name];
  const suffix = createHash("sha256").update(id).digest("hex").slice(0, 12).toUpperCase();
  const own = given.find((name) => typeof name === "string");
  return own === undefined ? `${stack}-${id.slice(0, 40)}-${suffix}` : String(own);
};

type Attributes = { Ref: string; Arn?: string; [attribute: string]: string | undefined };

/** What a `Ref` and each attribute of a resource are once it is deployed. */
export const attributesOf = (stack: string, id: string, resource: Resource): Attributes => {
  const name = physicalName(stack, id, resource);
  switch (resource.Type) {
    case "AWS::DynamoDB::Table": {
      const Arn = arn("dynamodb", `table/${name}`);
      return { Ref: name, Arn, StreamArn: `${Arn}/stream/2026-01-01T00:00:00.000` };
    }
    case "AWS::SQS::Queue":
      return {
        Ref: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
        Arn: arn("sqs", name),
        QueueName: name,
      };
    case "AWS::SNS::Topic":
      return { Ref: arn("sns", name), TopicArn: arn("sns", name), TopicName: name };
    case "AWS::SecretsManager::Secret":
      return { Ref: secretArn(name), Id: secretArn(name) };
    case "AWS::Lambda::Function":
      return { Ref: name, Arn: arn("lambda", `function:${name}`) };
    case "AWS::Logs::LogGroup":
      return { Ref: name, Arn: arn("logs", `log-group:${name}:*`) };
    case "AWS::IAM::Role":
      return { Ref: name, Arn: `arn:aws:iam::${account}:role/${name}` };
    case "AWS::IAM::ManagedPolicy":
      return { Ref: `arn:aws:iam::${account}:policy/${name}` };
    case "AWS::ApiGatewayV2::Api": {
      const apiId = name
        .replace(/[^a-z0-9]/gi, "")
        .toLowerCase()
        .slice(0, 10);
      return { Ref: apiId, ApiEndpoint: `https://${apiId}.execute-api.${region}.amazonaws.com` };
    }
    default:
      return { Ref: name, Arn: arn("unknown", name) };
  }
};

/** Every value of a template as it is once deployed. @throws Error for an intrinsic that this does not know */
export const resolver = (stack: string, { Resources }: Pick<Template, "Resources">) => {
  const pseudo: Record<string, string> = {
    "AWS::Partition": "aws",
    "AWS::Region": region,
    "AWS::AccountId": account,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": stack,
    "AWS::StackId": `arn:aws:cloudformation:${region}:${account}:stack/${stack}/00000000-0000-4000-8000-000000000000`,
  };
  const attribute = (id: string, name: string): string => {
    const resource = Resources[id];
    const value = resource ? attributesOf(stack, id, resource)[name] : undefined;
    if (value === undefined)
      throw new Error(`the template asks for ${name} of ${id}, which is not known here`);
    return value;
  };
  const ref = (id: string): string => pseudo[id] ?? attribute(id, "Ref");
  const known: Record<string, (argument: unknown) => unknown> = {
    Ref: (id) => ref(String(id)),
    "Fn::GetAtt": (parts) => {
      const [id = "", name = ""] = Array.isArray(parts) ? parts.map(String) : String(parts).split(/\.(.*)/);
      return attribute(id, name);
    },
    "Fn::Join": (parts) => {
      const [delimiter, list] = parts as [string, unknown[]];
      return list.map(resolve).join(delimiter);
    },
    "Fn::Sub": (text) => String(text).replace(/\$\{([^}]+)\}/g, (_whole, id: string) => ref(id)),
    "Fn::Select": (parts) => {
      const [at, list] = parts as [number, unknown];
      return (resolve(list) as unknown[])[Number(at)];
    },
    "Fn::Split": (parts) => {
      const [delimiter, text] = parts as [string, unknown];
      return String(resolve(text)).split(delimiter);
    },
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [[name = "", argument] = []] = entries;
    if (entries.length === 1 && (name === "Ref" || name.startsWith("Fn::"))) {
      const intrinsic = known[name];
      if (!intrinsic) throw new Error(`the template uses ${name}, which is not known here`);
      return intrinsic(argument);
    }
    return Object.fromEntries(entries.map(([key, one]) => [key, resolve(one)]));
  };
  return resolve;
};
