/** Which attributes are shown (RFC 7644 §3.9), as names of the request; without either, all. */
export type Projection = { attributes?: readonly string[]; excludedAttributes?: readonly string[] };
