import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/lib/free-port.ts";
import { startPart } from "../../../src/local/part.ts";
import { type ObjectStorage, objectAddress } from "../../../src/storage/object-storage.ts";
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

export interface BucketRules {
  /** The pages that may read it; none: no CORS rule. */
  readonly corsOrigin?: string | undefined;
  /** Whether everybody may read. */
  readonly isOpen?: boolean;
  /** Whether it takes ACLs. */
  readonly takesAcls?: boolean;
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
    async makeBucket(name, { corsOrigin, isOpen = true, takesAcls = true } = {}) {
      const own = bucket(name);
      const ownership = takesAcls ? "BucketOwnerPreferred" : "BucketOwnerEnforced";
      const made = await askWithKeys(
        own,
        { method: "PUT", address: objectAddress(own, ""), headers: { "x-amz-object-ownership": ownership } },
        limits,
      );
      if (!isDone(made)) throw new Error(`bucket ${name}: ${isAnswer(made) ? made.code : made.reason}`);
      if (isOpen) await asOwner("PUT", `/${name}?policy=`, JSON.stringify(readPolicy(name)));
      if (corsOrigin !== undefined) await asOwner("PUT", `/${name}?cors=`, corsRule(corsOrigin));
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

/** Everybody may read: the policy of docs/storage.md. */
export const readPolicy = (bucket: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${bucket}/*`] }],
});

/** A page of this origin may read: the rule of docs/storage.md. */
export const corsRule = (origin: string): string =>
  `<CORSConfiguration><CORSRule><AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedHeader>Range</AllowedHeader></CORSRule></CORSConfiguration>`;
