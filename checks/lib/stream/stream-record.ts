import { setTimeout as sleep } from "node:timers/promises";
import { decodeSegment } from "../../../src/media/decode-segment.ts";
import { makeHttpClient } from "../../../src/viewer/http-client.ts";
import { PlaylistError, parseMedia, readWhole } from "../../../src/viewer/playlist.ts";

/** What a viewer of one rendition got, from the start of the recording to its end. */
export interface StreamRecord {
  /** The newest sequence number of each changed playlist. */
  readonly newest: readonly number[];
  /** The text of each changed playlist. */
  readonly playlists: readonly string[];
  /** Every segment by its sequence number. */
  readonly segments: ReadonlyMap<number, Buffer>;
  /** Throws the error that ended the recording, if there was one. */
  check(): void;
  stop(): Promise<void>;
}

/** Follows a media playlist and fetches each segment that it names, once. */
export async function recordStream(address: string): Promise<StreamRecord> {
  const client = await makeHttpClient();
  const newest: number[] = [];
  const playlists: string[] = [];
  const segments = new Map<number, Buffer>();
  let running = true;
  const look = async () => {
    const text = await readWhole(async () => (await client.fetch(address)).body.toString()).catch((error) => {
      // Owncast writes it in place, slowly on a busy machine: the next look finds it whole.
      if (!(error instanceof PlaylistError)) throw error;
    });
    if (text === undefined) return;
    if (text === playlists.at(-1)) return;
    const media = parseMedia(text);
    playlists.push(text);
    newest.push(media.segments.at(-1)?.sequence ?? -1);
    for (const { sequence, uri } of media.segments) {
      if (segments.has(sequence)) continue;
      const { status, body } = await client.fetch(new URL(uri, address).href);
      if (status === 200) segments.set(sequence, body);
    }
  };
  const following = (async () => {
    for (; running; await sleep(100)) await look();
  })();
  let failure: unknown;
  following.catch((error) => {
    failure = error;
  });
  return {
    newest,
    playlists,
    segments,
    check() {
      if (failure) throw failure;
    },
    async stop() {
      running = false;
      await following.finally(() => client.close());
    },
  };
}

/** The times that the frames of all segments show, in order, in ms since the epoch. NaN if a frame shows none. */
export async function clocksOf({ segments }: StreamRecord): Promise<number[]> {
  const inOrder = [...segments].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
  const { clocksMs } = await decodeSegment(Buffer.concat(inOrder));
  return clocksMs.map((clock) => clock ?? Number.NaN);
}
