import { freePort } from "../../../src/lib/free-port.ts";
import type { ObjectStorage } from "../../../src/storage/object-storage.ts";
import { type LiveHost, startLiveHost } from "../process/live-host.ts";
import { type S3Server, s3Keys, s3Region, startS3 } from "./s3-server.ts";

/** A host whose stage `main` keeps its segments in a bucket of a real S3 server, in Owncast's network. */
export interface StoredStage {
  readonly host: LiveHost;
  readonly s3: S3Server;
  readonly storage: ObjectStorage;
  stop(): Promise<void>;
}

/** The stage's public address, whose page plays the video. */
export const stageOrigin = "https://live.test";

/** Starts both, and makes the bucket. */
export async function startStoredStage(video: object): Promise<StoredStage> {
  const port = await freePort();
  const bucket = "lectures";
  const objectStorage = {
    ...{ enabled: true, endpoint: `http://127.0.0.1:${port}`, bucket, region: s3Region, pathStyle: true },
    ...{ accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } },
  };
  const stage = { instance: { name: "Stored", pageText: "" }, video, storage: { objectStorage } };
  const given = { "s3-access-key": s3Keys.accessKey, "s3-secret-key": s3Keys.secretKey };
  const host = await startLiveHost(stage, { given });
  try {
    const { enter, open } = host.network;
    const s3 = await startS3({ port, enter, open: () => open(port, port) });
    const storage = await s3.makeBucket(bucket, { corsOrigin: stageOrigin });
    const stop = async () => {
      await host.stop();
      await s3.stop();
    };
    return { host, s3, storage, stop };
  } catch (error) {
    await host.stop();
    throw error;
  }
}
