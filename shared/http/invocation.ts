import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpResult = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;
/** What a middleware may use of middy's request. */
export type Invocation = {
  event: HttpEvent;
  context: Context;
  response?: HttpResult | null | undefined;
  error?: unknown;
};
export type Middleware = {
  before?: (invocation: Invocation) => Promise<HttpResult | undefined>;
  after?: (invocation: Invocation) => void | Promise<void>;
  onError?: (invocation: Invocation) => void | Promise<void>;
};
