import type { RoutedFunction } from "./find-route.ts";

/** `GET /metrics`, for callers who show the token of this run, as for every call. On AWS CloudWatch has the figures. */
export const metricsRoute = (figures: { contentType: string; text(): Promise<string> }): RoutedFunction => ({
  endpoint: { name: "get-metrics", method: "GET", path: "/metrics", role: "read" },
  handler: async () => ({
    statusCode: 200,
    headers: { "content-type": figures.contentType },
    body: await figures.text(),
  }),
});
