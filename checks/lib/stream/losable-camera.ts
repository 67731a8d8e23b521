import { setTimeout as sleep } from "node:timers/promises";
import { cameraPicture } from "../../../src/media/camera-needs.ts";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Publisher, startPublisher } from "../../../src/publish/publisher.ts";
import type { Stand } from "../process/stand.ts";
import { untilFree } from "./until-free.ts";

/** A synthetic camera that is lost, and comes back, when a test wants it. */
export interface Camera {
  /** Resolves when Owncast has taken it. Rejects when it does not within some 20 s. */
  connect(): Promise<void>;
  /** Ends its connection; resolves when that is done. Does nothing where Owncast has ended it. */
  lose(): Promise<void>;
}

/** One for a stage's ladder, that films `picture` where that is not what the ladder asks for. */
export function cameraFor(stand: Stand, picture = cameraPicture(stand.seed.video?.ladder)): Camera {
  let publisher: Publisher | undefined;
  const { framerate: fps, width, height, bitrateKbps } = picture;
  const target = parseRtmpUrl(stand.rtmpUrl);
  const streamKey = stand.reveal(stand.seed.access.streamKeys[0]?.secret ?? "");
  return {
    async connect() {
      await untilFree(stand.owncastUrl);
      // Owncast refuses a publisher while it has not noticed that the one before is gone.
      for (let tries = 0; ; tries++) {
        publisher = startPublisher({ target, streamKey, width, height, fps, bitrateKbps });
        try {
          return await publisher.started;
        } catch (error) {
          if (tries > 100) throw error;
          await sleep(200);
        }
      }
    },
    lose: async () => publisher?.stop(),
  };
}
