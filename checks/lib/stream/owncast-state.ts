import { setTimeout as sleep } from "node:timers/promises";
import { waitUntilOwncastIsReady } from "../../../src/services/gate/owncast-ready.ts";

/** Resolves when Owncast responds and is done with its last publisher: then it can accept another. Rejects after 20 s. */
export const untilFree = (url: string): Promise<void> =>
  waitUntilOwncastIsReady({
    ...{ url, endedMsAgo: Number.POSITIVE_INFINITY, patienceMs: 20_000 },
    now: () => performance.now(),
    signal: new AbortController().signal,
  });

/** Resolves when Owncast says that a stream is on air, some seconds after a camera connected. Rejects after two minutes. */
export async function untilOnline(url: string): Promise<void> {
  const isOnline = async () =>
    ((await (await fetch(`${url}/api/status`)).json()) as { readonly online: boolean }).online;
  await until("the stream is on air", isOnline);
}

/** Resolves when each of the first renditions lists two segments of a running stream. Rejects after two minutes. */
export async function untilOnAir(url: string, renditions: number): Promise<void> {
  const playlistOf = async (index: number) => {
    const response = await fetch(`${url}/hls/${index}/stream.m3u8`).catch(() => undefined);
    return response?.ok ? response.text() : "";
  };
  await until("every rendition has segments", async () => {
    const texts = await Promise.all(Array.from({ length: renditions }, (_, index) => playlistOf(index)));
    // In its first seconds a stream may still show the offline clip.
    return texts.every((text) => /stream-.*\n(?:#.*\n)*.*stream-/.test(text) && !/offline|ENDLIST/.test(text));
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await holds()); looks++, await sleep(100))
    if (looks > 1200) throw new Error(`waited two minutes in vain until ${what}`);
}
