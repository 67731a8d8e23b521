import { cameraPicture } from "../../../src/media/camera-needs.ts";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Publisher, startPublisher } from "../../../src/publish/publisher.ts";
import type { Stand } from "../process/stand.ts";
import { untilFree } from "./owncast-state.ts";

/** A synthetic camera that a test can lose and connect again. */
export interface Camera {
  /** Waits until Owncast can take it; resolves when Owncast has done so. */
  connect(): Promise<void>;
  /** Ends its connection. Does nothing if Owncast has ended it before. */
  lose(): Promise<void>;
}

/** Makes one that films `picture`, by default what the ladder of the stage asks for. */
export function cameraFor(stand: Stand, picture = cameraPicture(stand.seed.video?.ladder)): Camera {
  let publisher: Publisher | undefined;
  const { framerate: fps, width, height, bitrateKbps } = picture;
  const target = parseRtmpUrl(stand.rtmpUrl);
  const streamKey = stand.reveal(stand.seed.access.streamKeys[0]?.secret ?? "");
  return {
    async connect() {
      await untilFree(stand.owncastUrl);
      publisher = startPublisher({ target, streamKey, width, height, fps, bitrateKbps });
      await publisher.started;
    },
    lose: async () => publisher?.stop(),
  };
}
