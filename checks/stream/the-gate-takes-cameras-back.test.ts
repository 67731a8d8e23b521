import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FlvTag } from "../../src/media/flv.ts";
import type { RtmpTarget } from "../../src/media/rtmp/rtmp-target.ts";
import { type GatedOwncast, startGatedOwncast } from "../lib/stream/gated-owncast.ts";
import { playTo, recordStream } from "../lib/stream/recorded-stream.ts";

const key = "the moderator's key";
const reconnects = 10;
let stand: GatedOwncast;
let tags: FlvTag[];
beforeAll(async () => {
  [stand, tags] = await Promise.all([startGatedOwncast({ moderator: key }), recordStream()]);
});
afterAll(() => stand?.stop());

/** Publishes for a second, again and again without a pause; gives how often it failed, at once or soon. */
async function failuresOf(target: RtmpTarget): Promise<number> {
  let failures = 0;
  for (let times = 0; times < reconnects; times++)
    try {
      const camera = await playTo(target, key, tags);
      await Promise.race([sleep(1000), camera.played]);
      await camera.end();
    } catch {
      failures += 1;
    }
  return failures;
}

const answers = async (): Promise<boolean> =>
  (await fetch(`${stand.owncast.url}/api/status`).catch(() => undefined))?.status === 200;

it("a camera that is back at once waits until Owncast can take it, ten times in a row", async () => {
  await expect(failuresOf(stand.rtmp)).resolves.toBe(0);
  await expect(answers()).resolves.toBe(true);
  expect(stand.lines.filter((line) => line === "moderator (127.0.0.1) is on air")).toHaveLength(reconnects);
});

it("Owncast alone hangs up on it, or ends", async () => {
  await sleep(2000);
  const failures = await failuresOf(stand.owncast.rtmp);
  expect(failures > 0 || !(await answers())).toBe(true);
});
