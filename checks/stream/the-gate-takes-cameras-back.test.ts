import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FlvTag } from "../../src/media/flv.ts";
import type { RtmpTarget } from "../../src/media/rtmp/rtmp-target.ts";
import { isExhaustive } from "../lib/exhaustive.ts";
import { type GatedOwncast, startGatedOwncast } from "../lib/stream/gated-owncast.ts";
import { playTo, recordStream } from "../lib/stream/recorded-stream.ts";

const key = "the moderator's key";
const reconnects = isExhaustive ? 10 : 3;
let stand: GatedOwncast;
let tags: FlvTag[];
beforeAll(async () => {
  [stand, tags] = await Promise.all([startGatedOwncast({ moderator: key }), recordStream()]);
});
afterAll(() => stand?.stop());

/** Publishes for a second, this many times without a pause. Ends at the first failure; resolves to whether there was one. */
async function failsWithin(times: number, target: RtmpTarget): Promise<boolean> {
  for (let done = 0; done < times; done++)
    try {
      const camera = await playTo(target, key, tags);
      await Promise.race([sleep(1000), camera.played]);
      await camera.end();
    } catch {
      return true;
    }
  return false;
}

const answers = async (): Promise<boolean> =>
  (await fetch(`${stand.owncast.url}/api/status`).catch(() => undefined))?.status === 200;

it(`a camera that reconnects at once waits until Owncast can accept it, ${reconnects} times in a row`, async () => {
  await expect(failsWithin(reconnects, stand.rtmp)).resolves.toBe(false);
  await expect(answers()).resolves.toBe(true);
  expect(stand.lines.filter((line) => line === "moderator (127.0.0.1) is on air")).toHaveLength(reconnects);
});

it("without the gate, Owncast hangs up on it or crashes", async () => {
  await sleep(2000);
  expect((await failsWithin(10, stand.owncast.rtmp)) || !(await answers())).toBe(true);
});
