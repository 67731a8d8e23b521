// A program of its own, outside a node: asks for a stage's playlists all the time, as a player does, and tells what it got.
import { setTimeout as sleep } from "node:timers/promises";
import { makeHttpClient } from "../../../cli/media/http-client.ts";
import type { Watch, WatchTarget } from "./watch.ts";

const { domain, address, caFile } = JSON.parse(process.argv[2] ?? "") as WatchTarget;
const client = await makeHttpClient({ caFile, resolve: [{ host: domain, port: 443, address }] });
const sessions = new Set<string>();
const faults = new Set<string>();
let playlists = 0;
let last: { readonly first: number; readonly next: number } | undefined;

process.once("message", () => {
  process.send?.({ playlists, sessions: sessions.size, faults: [...faults] } satisfies Watch, () => process.exit(0));
});
process.once("disconnect", () => process.exit(0));

for (;;) {
  await look().catch((error: Error) => faults.add(error.message));
  await sleep(100);
}

async function look(): Promise<void> {
  const { status, body } = await client.fetch(`https://${domain}/hls/0/stream.m3u8`);
  if (status !== 200) return void faults.add(`status ${status}`);
  const text = body.toString();
  // Owncast writes playlists in place: a torn one is asked for again, as players do.
  if (!text.endsWith("\n") || !text.includes("#EXTINF")) return;
  playlists += 1;
  if (text.includes("#EXT-X-ENDLIST")) faults.add("the playlist says that the stream is over");
  const segments = [...text.matchAll(/^stream-(.+)-(\d+)\.ts$/gm)];
  for (const [, session = ""] of segments) sessions.add(session);
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);
  if (last && (first < last.first || first > last.next))
    faults.add(`media sequence went from ${last.first} to ${first}`);
  last = { first, next: first + segments.length };
}
