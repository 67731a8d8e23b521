import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPublisher } from "../../src/publish/publisher.ts";
import { type GatedOwncast, startGatedOwncast } from "../lib/stream/gated-owncast.ts";

const picture = { width: 320, height: 180, fps: 25, bitrateKbps: 400 };
let stand: GatedOwncast;
beforeAll(async () => {
  stand = await startGatedOwncast({ moderator: "the moderator's key" });
});
afterAll(() => stand?.stop());

const isOnline = async (): Promise<boolean> =>
  ((await (await fetch(`${stand.owncast.url}/api/status`)).json()) as { online: boolean }).online;

async function untilOnline(): Promise<void> {
  for (let looks = 0; !(await isOnline()); looks++) {
    if (looks > 300) throw new Error("Owncast is not online");
    await sleep(200);
  }
}

it("brings a camera's stream to Owncast", async () => {
  const camera = startPublisher({ target: stand.rtmp, streamKey: "the moderator's key", ...picture });
  await camera.started;
  await untilOnline();
  expect(stand.gate.status()).toMatchObject({
    listening: true,
    inputs: { main: { publisher: { key: "moderator", address: "127.0.0.1" }, waiting: 0 } },
  });
  await camera.stop();
});
