import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { aclFault, explainRefusal, fault, type StorageFinding, settingOf, statusText } from "./explain-failure.ts";
import { explainReading, explainSharing, mixedContent } from "./explain-reading.ts";
import { listing, type ObjectStorage, objectAddress, viewersAddress } from "./object-storage.ts";
import { askAnonymously, askWithKeys, isAnswer, isDone, type StorageOutcome } from "./storage-request.ts";

/** One thing that the check does, and what it found. */
export interface StorageStep {
  readonly name: "upload" | "list" | "read" | "cors" | "range" | "delete";
  /** For a person. */
  readonly title: string;
  readonly state: "ok" | "warning" | "fault" | "skipped";
  readonly findings: readonly StorageFinding[];
}

/** What a check of a storage found. It holds no key. */
export interface StorageReport {
  readonly endpoint: string;
  readonly bucket: string;
  /** The address from which viewers fetch. */
  readonly viewers: string;
  /** The page's origin that the storage was asked for. */
  readonly origin: string;
  readonly steps: readonly StorageStep[];
  /** The key of a test object that could not be removed. */
  readonly left?: string;
}

export interface StorageCheckOptions {
  /** The page's origin, as in `https://live.example.org`. */
  readonly origin: string;
  /** For one request. */
  readonly seconds: number;
  /** If it aborts, the check removes its object and rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** This machine's time. */
  readonly now?: () => Date;
  /** Gets what the check does next. */
  readonly say?: (title: string) => void;
  /** After an abort: gets the key of a test object that could not be removed. */
  readonly left?: (key: string) => void;
}

const objectBytes = 1024;
/** The part that the range request asks for. */
const range = { first: 100, last: 199 };
// After an interruption nobody waits long for the clean-up.
const cleanUpSeconds = 5;
// As Owncast sends them with a segment.
const usualHeaders = { "cache-control": "max-age=31557600", "content-type": "binary/octet-stream" };

const titles: Readonly<Record<StorageStep["name"], string>> = {
  upload: "a file can be written, as Owncast writes it",
  list: "the folder can be listed, for Owncast's clean-up",
  read: "viewers can read the file without keys",
  cors: "the page may play it (CORS)",
  range: "a part of the file can be read",
  delete: "the file can be deleted, for Owncast's clean-up",
};

/**
 * Writes a small file to a storage as Owncast 0.2.5 does, reads it as a viewer's browser does, and deletes it. Its name does
 * not end with `.ts`, so Owncast's clean-up never counts it. Rejects only with the reason of the signal.
 */
export async function checkStorage(storage: ObjectStorage, options: StorageCheckOptions): Promise<StorageReport> {
  const { origin, say = () => {} } = options;
  const key = `${storage.folder}/lectern-check-${randomBytes(8).toString("hex")}.txt`;
  const content = Buffer.from(randomBytes(objectBytes / 2).toString("hex"));
  const task = { ...options, storage, key, content };
  const steps: StorageStep[] = [];
  const run = async (name: StorageStep["name"], work: () => Promise<readonly StorageFinding[] | undefined>) => {
    say(titles[name]);
    const findings = await work();
    steps.push({ name, title: titles[name], state: stateOf(findings), findings: findings ?? [] });
  };
  // The answer to a write may be lost although the file was written.
  let mayExist = true;
  let isThere = false;
  try {
    await run("upload", async () => {
      const { isWritten, isRefused, findings } = await upload(task);
      isThere = isWritten;
      mayExist = !isRefused;
      return findings;
    });
    await run("list", async () => (isThere ? list(task) : undefined));
    await run("read", async () => (isThere ? read(task) : undefined));
    const isRead = steps.at(-1)?.findings.every(({ severity }) => severity === "warning") && isThere;
    await run("cors", async () => (isRead ? share(task) : undefined));
    await run("range", async () => (isRead ? readPart(task) : undefined));
    await run("delete", async () => {
      if (!isThere) return undefined;
      const findings = await remove(task);
      mayExist = findings.length > 0;
      return findings;
    });
  } finally {
    if (mayExist) mayExist = !(await cleanUp(task));
    if (mayExist && options.signal?.aborted) options.left?.(key);
  }
  const { endpoint, bucket, viewers } = storage;
  return { endpoint, bucket, viewers, origin, steps, ...(mayExist && { left: key }) };
}

function stateOf(findings: readonly StorageFinding[] | undefined): StorageStep["state"] {
  if (!findings) return "skipped";
  if (findings.length === 0) return "ok";
  return findings.some(({ severity }) => severity === "fault") ? "fault" : "warning";
}

interface Task extends StorageCheckOptions {
  readonly storage: ObjectStorage;
  readonly key: string;
  readonly content: Buffer;
}

interface Upload {
  readonly isWritten: boolean;
  /** Whether the file certainly is not there. */
  readonly isRefused: boolean;
  readonly findings: readonly StorageFinding[];
}

async function upload(task: Task): Promise<Upload> {
  const { storage, key, content } = task;
  const put = (headers: Readonly<Record<string, string>>) =>
    askWithKeys(storage, { method: "PUT", address: objectAddress(storage, key), headers, body: content }, task);
  const outcome = await put({ ...usualHeaders, "x-amz-acl": storage.acl });
  if (isDone(outcome)) return { isWritten: true, isRefused: false, findings: [] };
  if (!isAnswer(outcome))
    return { isWritten: false, isRefused: !outcome.mayBeDone, findings: [await explainUpload(task, outcome)] };
  const mayBeAcl = /^(AccessDenied|AccessControlListNotSupported|InvalidRequest|)$/.test(outcome.code);
  if (mayBeAcl && isDone(await put(usualHeaders))) {
    const findings = [aclFault(storage, `writing with an ACL was refused (${statusText(outcome)})`)];
    return { isWritten: true, isRefused: false, findings };
  }
  return { isWritten: false, isRefused: true, findings: [await explainUpload(task, outcome)] };
}

/** A bucket that is not found in the host name may be there in the path. */
async function explainUpload({ storage, ...limits }: Task, outcome: StorageOutcome): Promise<StorageFinding> {
  const finding = explainRefusal(storage, "writing a file", outcome);
  if (storage.isPathStyle || !/bucket$|pathStyle$|endpoint$/.test(finding.setting)) return finding;
  const inPath = { ...storage, isPathStyle: true };
  if (!isDone(await askWithKeys(inPath, listing(inPath), limits))) return finding;
  return fault(
    settingOf("pathStyle"),
    `${finding.says}; with the bucket in the path, the service finds it`,
    "set it to true",
    finding.exitCode,
  );
}

async function list(task: Task): Promise<StorageFinding[]> {
  const outcome = await askWithKeys(task.storage, listing(task.storage), task);
  if (isDone(outcome)) return [];
  const { says } = explainRefusal(task.storage, "listing the folder", outcome);
  return [
    fault(
      settingOf("accessKey"),
      `${says}, so Owncast would never remove an old segment, and the bucket would grow`,
      "allow the key to list the bucket (s3:ListBucket)",
    ),
  ];
}

async function read(task: Task): Promise<StorageFinding[]> {
  const { storage, key, content, origin } = task;
  const outcome = await askAnonymously(viewersAddress(storage, key), {}, task);
  const isSame = isDone(outcome) && outcome.body.equals(content);
  const mixed = mixedContent(storage, origin);
  if (isSame) return mixed;
  // Tells a bucket that is closed from an address that leads elsewhere.
  const direct = storage.hasServingEndpoint
    ? await askAnonymously(objectAddress(storage, key).href, {}, task)
    : undefined;
  const isOpen = direct !== undefined && isDone(direct) && direct.body.equals(content);
  return [explainReading(storage, outcome, isOpen), ...mixed];
}

async function share(task: Task): Promise<readonly StorageFinding[]> {
  const { storage, key, origin } = task;
  const address = viewersAddress(storage, key);
  const simple = await askAnonymously(address, { headers: { origin } }, task);
  const preflight = await askAnonymously(
    address,
    {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "range" },
    },
    task,
  );
  return explainSharing(storage, origin, simple, preflight);
}

async function readPart(task: Task): Promise<StorageFinding[]> {
  const { storage, key, content } = task;
  const headers = { range: `bytes=${range.first}-${range.last}` };
  const outcome = await askAnonymously(viewersAddress(storage, key), { headers }, task);
  const wanted = content.subarray(range.first, range.last + 1);
  if (isAnswer(outcome) && outcome.status === 206 && outcome.body.equals(wanted)) return [];
  const setting = storage.hasServingEndpoint ? "storage.servingEndpoint" : settingOf("endpoint");
  if (isDone(outcome) && outcome.status === 200 && outcome.body.equals(content))
    return [
      {
        ...fault(
          setting,
          "a request for a part of a file gets all of it",
          "allow range requests there; Owncast's page does without them, some players on phones do not",
        ),
        severity: "warning",
      },
    ];
  const got = isAnswer(outcome) ? `gets ${outcome.status}` : `fails: ${outcome.reason}`;
  return [
    fault(setting, `a request for a part of a file ${got}, or other bytes`, "use a service or CDN that serves ranges"),
  ];
}

/** Deletes the file as Owncast deletes segments: many in one request. */
async function remove(task: Task): Promise<StorageFinding[]> {
  const { storage, key } = task;
  const address = objectAddress(storage, "");
  address.search = "delete=";
  const name = key.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const body = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>${name}</Key></Object><Quiet>true</Quiet></Delete>`,
  );
  const outcome = await askWithKeys(storage, { method: "POST", address, body }, task);
  // Each file that could not be deleted has an error with a code in the response.
  if (isDone(outcome) && outcome.code === "") return [];
  const { says } = explainRefusal(storage, "deleting a file", outcome);
  return [
    fault(
      settingOf("accessKey"),
      `${says}; so Owncast would never remove an old segment, and the bucket would grow`,
      "allow the key to delete objects (s3:DeleteObject); a service without DeleteObjects needs a rule that deletes files after a day",
    ),
  ];
}

/** Deletes the file in the plainest way. Whether it is gone. */
async function cleanUp({ storage, key, now }: Task): Promise<boolean> {
  const limits = { seconds: cleanUpSeconds, ...(now && { now }) };
  const request = { method: "DELETE", address: objectAddress(storage, key) } as const;
  const first = await askWithKeys(storage, request, limits);
  if (isDone(first) || (isAnswer(first) && first.status === 404)) return true;
  await sleep(500);
  return isDone(await askWithKeys(storage, request, limits));
}
