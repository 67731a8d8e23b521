import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/lib/free-port.ts";
import { type BucketRules, makeBucket } from "../../../src/local/bucket.ts";
import { startPart } from "../../../src/local/part.ts";
import type { ObjectStorage } from "../../../src/storage/object-storage.ts";
import { askWithKeys, isAnswer, isDone, type StorageAnswer } from "../../../src/storage/storage-request.ts";
import { needs } from "../needs.ts";
import { named } from "../systemd/from-set-up.ts";

/** Options of tests that need the server. */
export const withS3 = needs(Boolean(process.env.VERSITYGW), "VersityGW, an S3 server → npm run setup");

/** A real S3 server (VersityGW over a folder) on loopback. */
export interface S3Server {
  readonly endpoint: string;
  /** The storage of one of its buckets, as a stage has it. */
  bucket(name: string, changes?: Partial<ObjectStorage>): ObjectStorage;
  /** Makes a bucket: open to readers without a key, and with CORS for this origin, unless they are left out. */
  makeBucket(name: string, rules?: BucketRules): Promise<ObjectStorage>;
  /** Asks the server as its owner: the part of the address after the host, as in `/bucket?cors`. */
  asOwner(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: string): Promise<StorageAnswer>;
  stop(): Promise<void>;
}

export interface S3Options {
  readonly port?: number;
  /** The argument list that runs a command where the server shall run. */
  readonly enter?: (command: readonly string[]) => string[];
  /** Makes the port reachable from here. */
  readonly open?: (port: number) => Promise<void>;
}

/** The keys of its owner. */
export const s3Keys = { accessKey: "CANARYOFTHES3ACCESSKEY", secretKey: "canary-of-the-s3-secret-key" };
/** The region of its buckets. */
export const s3Region = "stage-land";
const limits = { seconds: 10 };

/** Starts it; resolves when it responds. */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const { enter = (command) => [...command], open = async () => {} } = options;
  const folder = mkdtempSync(join(tmpdir(), "lectern-s3-"));
  for (const name of ["objects", "metadata"]) mkdirSync(join(folder, name));
  const port = options.port ?? (await freePort());
  const flags = ["--port", `127.0.0.1:${port}`, "--region", s3Region, "--quiet", "--keep-alive", "--health", "/health"];
  const backend = ["posix", "--sidecar", join(folder, "metadata"), join(folder, "objects")];
  const server = startPart(enter([named("VERSITYGW"), ...flags, ...backend]), {
    ...{ name: "VersityGW", logFile: join(folder, "log"), cwd: folder },
    env: { ...process.env, ROOT_ACCESS_KEY: s3Keys.accessKey, ROOT_SECRET_KEY: s3Keys.secretKey },
  });
  await open(port);
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const bucket: S3Server["bucket"] = (name, changes = {}) => ({
    ...{ endpoint, bucket: name, region: s3Region, ...s3Keys, acl: "public-read", isPathStyle: true, folder: "hls" },
    ...{ viewers: `${endpoint}/${name}`, hasServingEndpoint: false, ...changes },
  });
  const asOwner: S3Server["asOwner"] = async (method, path, body) => {
    const address = new URL(path, endpoint);
    const content = body === undefined ? {} : { body: Buffer.from(body) };
    const outcome = await askWithKeys(bucket(""), { method, address, ...content }, limits);
    if (isDone(outcome)) return outcome;
    const why = isAnswer(outcome) ? `${outcome.status} ${outcome.code}` : outcome.reason;
    throw new Error(`${method} ${path}: ${why}`);
  };
  await Promise.race([untilHealthy(endpoint), server.died]);
  return {
    ...{ endpoint, bucket, asOwner, stop },
    async makeBucket(name, rules) {
      const own = bucket(name);
      await makeBucket(own, rules);
      return own;
    },
  };
}

async function untilHealthy(endpoint: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const response = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    if (response?.ok) return;
    await sleep(50);
  }
  throw new Error("VersityGW does not answer");
}
