import type { Browser } from "playwright-core";
import { startCamera } from "../../../src/local/on-air.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { untilOnline } from "../stream/owncast-state.ts";
import { startChromium } from "./chromium.ts";

/** A stage on air, and a browser that trusts it. */
export interface LiveStage {
  /** Its servers. One of its parts is `the camera`. */
  readonly stand: Stand;
  readonly browser: Browser;
  /** Stops all parts that run, and leaves nothing behind. */
  stop(): Promise<void>;
}

/** Starts a stage file or a seed like the demo, with a synthetic camera for its ladder. Resolves when Owncast says that it is on air. */
export async function startLiveStage(seedFile: string): Promise<LiveStage> {
  const stand = await startStand(seedFile);
  let browser: Browser | undefined;
  const stop = async () => {
    await browser?.close();
    await stand.stop();
  };
  try {
    browser = await startChromium(stand.caFile);
    await startCamera(stand);
    await untilOnline(stand.owncastUrl);
    return { stand, browser, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
