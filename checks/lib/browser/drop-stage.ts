import type { Browser } from "playwright-core";
import { freePort } from "../../../src/lib/free-port.ts";
import type { Picture } from "../../../src/media/declared-renditions.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { type KeeperProcess, startKeeper } from "../stream/keeper-process.ts";
import { type Camera, cameraFor } from "../stream/losable-camera.ts";
import { untilOnline } from "../stream/owncast-state.ts";
import { startArticleFront } from "./article-front.ts";
import { startChromium } from "./chromium.ts";

/** A stage on air behind two fronts, Lectern's and the article's, and a browser. A test can lose each part. */
export interface DropStage {
  readonly stand: Stand;
  readonly browser: Browser;
  readonly camera: Camera;
  readonly keeper: KeeperProcess;
  /** The stage's page, by its front. */
  readonly pages: { readonly lectern: string; readonly article: string };
  /** Kills Owncast without warning, and starts it again. */
  killOwncast(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a stage file like the demo. Resolves when Owncast says that it is on air. */
export async function startDropStage(seedFile: string, picture?: Picture): Promise<DropStage> {
  let keeper: KeeperProcess | undefined;
  const stand = await startStand(seedFile, {
    async keeper({ owncastUrl, hlsDir }) {
      const port = await freePort();
      keeper = await startKeeper(port, owncastUrl, hlsDir);
      return `127.0.0.1:${port}`;
    },
  });
  const camera = cameraFor(stand, picture);
  let browser: Browser | undefined;
  const stop = async () => {
    await browser?.close();
    await camera.lose();
    await keeper?.stop();
    await stand.stop();
  };
  try {
    const pages = { lectern: stand.page, article: await startArticleFront(stand) };
    browser = await startChromium(stand.caFile);
    await camera.connect();
    await untilOnline(stand.owncastUrl);
    return { stand, browser, camera, keeper: keeper as KeeperProcess, pages, killOwncast: () => kill(stand), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function kill(stand: Stand): Promise<void> {
  const owncast = stand.part("Owncast");
  // Tell it to end although it has ended: then the stand does not report its death as a fault.
  process.kill(owncast.pid as number, "SIGKILL");
  await owncast.stop();
  stand.startOwncast();
}
