import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { writePrivateFile } from "../lib/private-file.ts";
import { findProgram } from "../lib/programs.ts";
import { checkStorage, type StorageReport } from "../storage/check-storage.ts";
import { type ObjectStorage, objectStorageOf } from "../storage/object-storage.ts";
import { reportExitCode } from "../storage/report-text.ts";
import { makeHttpClient } from "../viewer/http-client.ts";
import { PlaylistError } from "../viewer/playlist.ts";
import { makeViewer } from "../viewer/viewer.ts";
import { makeBucket } from "./bucket.ts";
import { startPart, untilAnswers } from "./part.ts";
import type { LocalStage } from "./stage.ts";

const secretNames = { accessKey: "demo-storage-access-key", secretKey: "demo-storage-secret-key" } as const;

/** The settings of a stage whose object storage is the demo's own, at a port of this machine. */
export const storageSettings = (port: number): NonNullable<NonNullable<Seed["storage"]>["objectStorage"]> => ({
  enabled: true,
  // Browsers take a page with https and this address together.
  endpoint: `http://127.0.0.1:${port}`,
  bucket: "lectures",
  region: "local",
  accessKey: { secret: secretNames.accessKey },
  secretKey: { secret: secretNames.secretKey },
  pathStyle: true,
});

/** Makes the two keys of the demo's storage, a file each. */
export async function makeStorageKeys(secretsDir: string): Promise<void> {
  await mkdir(secretsDir, { recursive: true, mode: 0o700 });
  await writePrivateFile(join(secretsDir, secretNames.accessKey), `${randomBytes(10).toString("hex").toUpperCase()}\n`);
  await writePrivateFile(join(secretsDir, secretNames.secretKey), `${randomBytes(30).toString("base64url")}\n`);
}

/** The stage's bucket, and whether it does what Owncast and browsers need. `--json` prints it unchanged. */
export interface StorageResult {
  /** What `lectern storage check` reports. */
  readonly check: StorageReport;
  /** Whether the master playlist leads viewers to the bucket; null while nothing plays. */
  readonly isPlayed: boolean | null;
}

/** Starts VersityGW, an S3 server, as a part of the stage, and makes the stage's bucket. */
export async function startStorage(stage: LocalStage): Promise<ObjectStorage> {
  const storage = objectStorageOf(stage.seed, stage.reveal);
  if (!storage) throw new CliError(ExitCode.failed, "this stage has no object storage");
  const folder = join(stage.folder, "storage");
  for (const name of ["objects", "metadata"]) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  const listen = ["--port", new URL(storage.endpoint).host, "--region", storage.region];
  const backend = ["posix", "--sidecar", join(folder, "metadata"), join(folder, "objects")];
  const flags = [...listen, "--quiet", "--keep-alive", "--health", "/health", ...backend];
  const part = startPart([findProgram("versitygw"), ...flags], {
    ...{ name: "VersityGW", logFile: join(folder, "log"), cwd: folder },
    // It takes its owner's keys from nowhere else, and both are of this run alone.
    env: { ...process.env, ROOT_ACCESS_KEY: storage.accessKey, ROOT_SECRET_KEY: storage.secretKey },
  });
  stage.parts.push(part);
  await Promise.race([untilAnswers(`${storage.endpoint}/health`), part.died]);
  await makeBucket(storage, { corsOrigin: stage.page });
  return storage;
}

/** Runs what `lectern storage check` runs. */
export const checkOwnStorage = (
  storage: ObjectStorage,
  stage: LocalStage,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<StorageReport> => checkStorage(storage, { origin: stage.page, seconds: 10, signal, say: note });

/** Whether every rendition of the master playlist is in the bucket; false if there is no usable master playlist. */
export async function isPlayedFrom(
  { viewers }: Pick<ObjectStorage, "viewers">,
  { page, caFile }: Pick<LocalStage, "page" | "caFile">,
): Promise<boolean> {
  const client = await makeHttpClient({ caFile });
  try {
    const { playlist } = await makeViewer(client, page).master();
    return playlist.length > 0 && playlist.every(({ uri }) => uri.startsWith(`${viewers}/`));
  } catch (error) {
    if (error instanceof PlaylistError) return false;
    throw error;
  } finally {
    client.close();
  }
}

/** Whether viewers get the video from a bucket without faults. */
export const isGoodStorage = ({ check, isPlayed }: StorageResult): boolean =>
  reportExitCode(check) === ExitCode.done && isPlayed !== false;
