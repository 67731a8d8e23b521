import { cameraPicture } from "../../../src/media/camera-needs.ts";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Publisher, startPublisher } from "../../../src/publish/publisher.ts";
import type { Stand } from "../process/stand.ts";
import { untilFree } from "./owncast-state.ts";

/** A synthetic camera that a test can disconnect and reconnect. */
export interface Camera {
  /** Waits until Owncast can accept it; resolves when Owncast has accepted it. */
  connect(): Promise<void>;
  /** Ends its connection, if Owncast has not ended it already. */
  lose(): Promise<void>;
}

/** Makes one that films `picture`; by default, the stage's ladder decides. */
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
