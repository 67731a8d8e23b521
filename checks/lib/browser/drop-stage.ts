import type { Browser } from "playwright-core";
import { freePort } from "../../../src/lib/free-port.ts";
import type { Picture } from "../../../src/media/declared-renditions.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { type KeeperProcess, startKeeper } from "../stream/keeper-process.ts";
import { type Camera, cameraFor } from "../stream/losable-camera.ts";
import { untilOnline } from "../stream/owncast-state.ts";
import { startArticleFront } from "./article-front.ts";
import { startChromium } from "./chromium.ts";

/** A stage on air, each part of which can be lost, behind Lectern's front and behind the article's; and a browser. */
export interface DropStage {
  readonly stand: Stand;
  readonly browser: Browser;
  readonly camera: Camera;
  readonly keeper: KeeperProcess;
  /** The stage's page, by what is in front of it. */
  readonly pages: { readonly lectern: string; readonly article: string };
  /** Kills Owncast, with nothing said to anybody, and starts it anew. */
  killOwncast(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a stage file as the demo does; resolves when Owncast says that it is on air. */
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
  // Told to end after it is gone: so nobody takes its death for a fault.
  process.kill(owncast.pid as number, "SIGKILL");
  await owncast.stop();
  stand.startOwncast();
}
