import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { freePort } from "../../../src/lib/free-port.ts";
import { type CaptionWriter, startCaptionWriter, type WrittenTrack } from "../captions/caption-writer.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { type KeeperProcess, startKeeper } from "../stream/keeper-process.ts";
import { type Camera, cameraFor } from "../stream/losable-camera.ts";
import { untilOnline } from "../stream/owncast-state.ts";
import { startChromium } from "./chromium.ts";

/** A stage on air whose captions a test writes, so that it knows which cue belongs to which frames. */
export interface CaptionedStage {
  readonly stand: Stand;
  readonly browser: Browser;
  readonly camera: Camera;
  readonly keeper: KeeperProcess;
  readonly captions: CaptionWriter;
  stop(): Promise<void>;
}

/** Starts a stage file like the demo, and runs `before` when all but the camera is there. Resolves when Owncast says that it is on air. */
export async function startCaptionedStage(
  seedFile: string,
  tracks: readonly WrittenTrack[],
  before: (browser: Browser, stand: Stand) => Promise<void> = async () => {},
): Promise<CaptionedStage> {
  let keeper: KeeperProcess | undefined;
  let captions: CaptionWriter | undefined;
  let browser: Browser | undefined;
  const stand = await startStand(seedFile, {
    async keeper({ owncastUrl, hlsDir, folder }) {
      const captionsDir = join(folder, "captions");
      mkdirSync(captionsDir, { recursive: true });
      const port = await freePort();
      keeper = await startKeeper(port, owncastUrl, hlsDir, { more: ["--captions-dir", captionsDir] });
      const folders = [`${hlsDir}-kept`, hlsDir];
      captions = startCaptionWriter({ keeper: keeper.url, folders, captionsDir, tracks });
      return `127.0.0.1:${port}`;
    },
  });
  const camera = cameraFor(stand);
  const stop = async () => {
    await browser?.close();
    await captions?.stop();
    await camera.lose();
    await keeper?.stop();
    await stand.stop();
  };
  try {
    // Another site may load video from a public address, but not from this machine's own.
    browser = await startChromium(stand.caFile, { args: ["--disable-features=LocalNetworkAccessChecks"] });
    await before(browser, stand);
    await camera.connect();
    await untilOnline(stand.owncastUrl);
    const parts = { keeper: keeper as KeeperProcess, captions: captions as CaptionWriter };
    return { stand, browser, camera, ...parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
