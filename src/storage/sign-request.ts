import { createHash, createHmac } from "node:crypto";

/** A request to an S3 service before it is signed. */
export interface UnsignedRequest {
  readonly method: string;
  /** With the path as it is sent, percent-encoded. */
  readonly address: URL;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Keys that sign a request, and the region and time that the signature is for. */
export interface SigningKeys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const algorithm = "AWS4-HMAC-SHA256";

/**
 * The headers of a request with AWS Signature Version 4 for S3, in the header Authorization. Pure. The test vectors are those
 * of the AWS documentation ("Authenticating Requests: Using the Authorization Header").
 */
export function signedHeaders(
  { method, address, headers = {}, body = new Uint8Array() }: UnsignedRequest,
  { accessKey, secretKey, region }: SigningKeys,
  at: Date,
): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const sent = { ...headers, "x-amz-content-sha256": sha256(body), "x-amz-date": time };
  const signed = Object.entries({ ...sent, host: address.host }).sort(([one], [other]) => (one < other ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const query = [...address.searchParams].map((pair) => pair.map(encode).join("=")).sort();
  const canonical = [
    method,
    address.pathname,
    query.join("&"),
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    names,
    sent["x-amz-content-sha256"],
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secretKey}`);
  const signature = hmac(key as Buffer, [algorithm, time, scope, sha256(canonical)].join("\n")).toString("hex");
  return {
    ...sent,
    authorization: `${algorithm} Credential=${accessKey}/${scope},SignedHeaders=${names},Signature=${signature}`,
  };
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
