import { createHash } from "node:crypto";
import { connectionReason } from "../lib/connection-error.ts";
import { codeOf, isTimeout } from "../lib/error-cause.ts";
import { fetchWhole, type WholeRequest } from "../lib/fetch-whole.ts";
import type { ObjectStorage } from "./object-storage.ts";
import { signedHeaders } from "./sign-request.ts";

/** A response of a storage service. */
export interface StorageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** The code in S3's error, such as `NoSuchBucket`; `""` if the response has none. */
  readonly code: string;
  /** The region that S3's error names; `""` if it names none. */
  readonly region: string;
  /** By how many seconds the service's clock is ahead of this one's; undefined if it sent no date. */
  readonly clockAheadSeconds: number | undefined;
}

/** Why there was no response. */
export interface StorageSilence {
  /** For a person. */
  readonly reason: string;
  /** The system's or TLS's code, such as `ENOTFOUND`; `""` if there is none. */
  readonly systemCode: string;
  /** Whether the service may have done what it was asked. */
  readonly mayBeDone: boolean;
}

export type StorageOutcome = StorageAnswer | StorageSilence;

/** Whether there was a response. */
export const isAnswer = (outcome: StorageOutcome): outcome is StorageAnswer => "status" in outcome;
/** Whether the service did what it was asked. */
export const isDone = (outcome: StorageOutcome): outcome is StorageAnswer =>
  isAnswer(outcome) && outcome.status >= 200 && outcome.status < 300;

/** Limits of every request to a storage. */
export interface StorageLimits {
  /** For one request with its body. */
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
  /** This machine's time. */
  readonly now?: () => Date;
}

// With these, no connection was made.
const neverSent = /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/;
// Error responses and playlists are shorter. A service that sends more is no storage.
const maxBytes = 256 * 1024;

/** One request as a browser or player sends it, without keys. Rejects only with the reason of the signal. */
export async function askAnonymously(
  address: string,
  request: Pick<WholeRequest, "method" | "headers">,
  limits: StorageLimits,
): Promise<StorageOutcome> {
  return ask(address, request, limits);
}

/** One request signed with the storage's keys, as Owncast signs it. Rejects only with the reason of the signal. */
export async function askWithKeys(
  storage: ObjectStorage,
  { method, address, headers = {}, body }: Pick<WholeRequest, "method" | "headers"> & SignedContent,
  limits: StorageLimits,
): Promise<StorageOutcome> {
  const content = body === undefined ? {} : { body };
  const digest = body === undefined ? {} : { "content-md5": createHash("md5").update(body).digest("base64") };
  const unsigned = { method: method ?? "GET", address, headers: { ...headers, ...digest }, ...content };
  const { now = () => new Date() } = limits;
  const outcome = await ask(
    address.href,
    { method: unsigned.method as "GET", headers: signedHeaders(unsigned, storage, now()), ...content },
    limits,
  );
  if (!isAnswer(outcome)) return outcome;
  // A service may send the access key back.
  const withoutKey = (text: string): string => (text.includes(storage.accessKey) ? "" : text);
  return { ...outcome, code: withoutKey(outcome.code), region: withoutKey(outcome.region) };
}

interface SignedContent {
  readonly address: URL;
  readonly body?: Uint8Array;
}

async function ask(
  address: string,
  request: Pick<WholeRequest, "method" | "headers" | "body">,
  { seconds, signal, now = () => new Date() }: StorageLimits,
): Promise<StorageOutcome> {
  try {
    const { status, headers, body } = await fetchWhole(address, { ...request, seconds, signal, maxBytes });
    const date = Date.parse(headers.get("date") ?? "");
    return {
      ...{ status, headers, body },
      code: codeIn(body),
      region: inXml(body, /<Region>([A-Za-z0-9-]{1,63})<\/Region>/) || regionIn(headers),
      clockAheadSeconds: Number.isNaN(date) ? undefined : (date - now().getTime()) / 1000,
    };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const systemCode = codeOf(error);
    if (isTimeout(error)) return { reason: `no answer within ${seconds} s`, systemCode, mayBeDone: true };
    return { reason: connectionReason(error), systemCode, mayBeDone: !neverSent.test(systemCode) };
  }
}

// Garage refuses with one code for everything, and its text says why.
const garageReasons: readonly (readonly [RegExp, string])[] = [
  [/<Message>[^<]{0,40}No such key: /, "InvalidAccessKeyId"],
  [/<Message>[^<]{0,40}Invalid signature/, "SignatureDoesNotMatch"],
];

function codeIn(body: Buffer): string {
  const code = inXml(body, /<Code>([A-Za-z0-9.]{1,64})<\/Code>/);
  if (code !== "AccessDenied") return code;
  const text = body.toString("utf8", 0, 4096);
  return garageReasons.find(([pattern]) => pattern.test(text))?.[1] ?? code;
}

const inXml = (body: Buffer, pattern: RegExp): string => pattern.exec(body.toString("utf8", 0, 4096))?.[1] ?? "";

const regionIn = (headers: Headers): string =>
  /^[A-Za-z0-9-]{1,63}$/.exec(headers.get("x-amz-bucket-region") ?? "")?.[0] ?? "";
