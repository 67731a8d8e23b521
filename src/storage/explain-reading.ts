import { fault, hostStyleAddress, type StorageFinding, settingOf, statusText } from "./explain-failure.ts";
import type { ObjectStorage } from "./object-storage.ts";
import { isAnswer, isDone, type StorageOutcome } from "./storage-request.ts";

const serving = "storage.servingEndpoint";

/** The setting that decides where viewers fetch. */
const settingOfViewers = ({ hasServingEndpoint }: ObjectStorage): string =>
  hasServingEndpoint ? serving : settingOf("endpoint");

const policyRemedy =
  'let a bucket policy allow s3:GetObject to everybody ("Principal": "*"); Garage has no policies: publish the bucket there as a website, and set storage.servingEndpoint to its address (docs/storage.md)';

/** Why a viewer does not get the file that was written. Pure. `isOpen`: without the serving endpoint everybody can read it. */
export function explainReading(storage: ObjectStorage, outcome: StorageOutcome, isOpen: boolean): StorageFinding {
  const { viewers, bucket, hasServingEndpoint, isPathStyle } = storage;
  if (!isAnswer(outcome))
    return fault(
      settingOfViewers(storage),
      `viewers cannot reach ${viewers}: ${outcome.reason}`,
      hasServingEndpoint ? "correct the address" : `correct it, or set ${serving} to an address that viewers can reach`,
      hasServingEndpoint ? 2 : 69,
    );
  if (outcome.status >= 200 && outcome.status < 300)
    return fault(
      settingOfViewers(storage),
      `viewers get another file than the one that was written: ${viewers} leads elsewhere`,
      hasServingEndpoint
        ? "set the address whose root is the bucket's; Owncast appends the path prefix and /hls/"
        : "set the service's S3 address, not that of its web page",
    );
  const got = `viewers get ${statusText(outcome)} from ${viewers}`;
  if (outcome.status >= 300 && outcome.status < 400)
    return fault(
      settingOfViewers(storage),
      `${got}: it sends them elsewhere`,
      `set ${settingOf("region")} and the address that serves the bucket itself`,
    );
  if (hasServingEndpoint && isOpen)
    return fault(
      serving,
      `${got}, and the file from the bucket itself: the address leads elsewhere`,
      "set the address whose root is the bucket's; Owncast appends the path prefix and /hls/",
    );
  if (outcome.status === 401 || outcome.status === 403)
    return fault(
      settingOf("bucket"),
      `${got}: the bucket ${bucket} is closed to everybody without a key`,
      policyRemedy,
    );
  if (!hasServingEndpoint && !isPathStyle)
    return fault(
      serving,
      `${got}: the service does not serve the bucket in the path, where Owncast sends viewers`,
      `set it to ${hostStyleAddress(storage)}`,
    );
  return fault(settingOfViewers(storage), `${got}: the address leads elsewhere`, "correct the address");
}

/** A page with TLS whose browser blocks video without TLS. Loopback is allowed, as browsers allow it. Pure. */
export function mixedContent(storage: ObjectStorage, origin: string): StorageFinding[] {
  const { protocol, hostname } = new URL(storage.viewers);
  const isLoopback = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (protocol === "https:" || isLoopback || !origin.startsWith("https:")) return [];
  return [
    fault(
      settingOfViewers(storage),
      `${storage.viewers} has no TLS: browsers block it on a page with https`,
      "use an address with https://, or put a server with a certificate in front of the storage",
    ),
  ];
}

/** Why a page of this origin may not read the file. `simple` is what a player sends, `preflight` what asks before. Pure. */
export function explainSharing(
  storage: ObjectStorage,
  origin: string,
  simple: StorageOutcome,
  preflight: StorageOutcome,
): StorageFinding[] {
  const setting = storage.hasServingEndpoint ? serving : settingOf("bucket");
  const remedy = `add a CORS rule ${storage.hasServingEndpoint ? "there" : "to the bucket"}: allowed origin ${origin} (or *), methods GET and HEAD, header Range`;
  if (!isDone(simple))
    return [
      fault(
        setting,
        `a browser's request from ${origin} ${isAnswer(simple) ? `gets ${statusText(simple)}` : `fails: ${simple.reason}`}`,
        remedy,
      ),
    ];
  const allowed = simple.headers.get("access-control-allow-origin");
  if (allowed !== "*" && allowed !== origin)
    return [
      fault(
        setting,
        `no CORS rule allows the page ${origin}${allowed === null ? "" : ", only another one"}: its player gets no video and shows no error`,
        remedy,
      ),
    ];
  const isAllowed = (name: string, word: string) =>
    isDone(preflight) && new RegExp(`(^|,)\\s*(\\*|${word})\\s*(,|$)`, "i").test(preflight.headers.get(name) ?? "");
  if (isAllowed("access-control-allow-methods", "GET") && isAllowed("access-control-allow-headers", "range")) return [];
  const got = isAnswer(preflight) ? statusText(preflight) : preflight.reason;
  return [
    {
      ...fault(setting, `a browser may not ask for a part of a file from ${origin} (preflight: ${got})`, remedy),
      severity: "warning",
    },
  ];
}
