import type { HttpClient } from "./http-client.ts";
import { type MediaPlaylist, PlaylistError, parseMaster, parseMedia, readWhole, type Variant } from "./playlist.ts";
import { Finding } from "./probe-report.ts";

/** What the server says about itself. */
export interface ServerStatus {
  readonly online: boolean;
  /** Seconds by which its clock is ahead of this machine's; undefined when it does not say. */
  readonly clockAheadSeconds: number | undefined;
}

/** A segment as it arrived. */
export interface Arrived {
  readonly bytes: Buffer;
  /** When its last byte had come, in ms since the epoch. */
  readonly atMs: number;
}

/** Asks a stage for what a player asks. Everything throws CliError 69 when there is no answer at all. */
export interface Viewer {
  /** Throws Finding `online` when the answer is not Owncast's. */
  status(): Promise<ServerStatus>;
  /** Renditions with absolute addresses. Throws PlaylistError. */
  master(): Promise<Variant[]>;
  /** Segments with absolute addresses. Throws PlaylistError. */
  media(variant: Variant): Promise<MediaPlaylist>;
  /** Throws Finding `segment` when it is not there. */
  segment(uri: string): Promise<Arrived>;
  /** Torn playlists so far. */
  tornPlaylists(): number;
}

/** A viewer of the stage at `url`, over a client that it does not close. */
export function makeViewer(client: HttpClient, url: string, signal?: AbortSignal): Viewer {
  let torn = 0;
  // Compressing what is compressed already only costs time; a playlist's bytes are read as they come.
  const request = { headers: { "accept-encoding": "identity" }, signal };
  const playlist = (address: string): Promise<string> =>
    readWhole(
      async () => {
        const { status, body } = await client.fetch(address, request);
        if (status !== 200) throw new PlaylistError(`it answers ${status}`);
        return body.toString();
      },
      () => {
        torn += 1;
      },
    );
  const masterUrl = new URL("/hls/stream.m3u8", url).href;
  return {
    tornPlaylists: () => torn,
    async status() {
      const askedAt = Date.now();
      const { status, body } = await client.fetch(new URL("/api/status", url).href, request);
      return readStatus(status, body.toString(), (askedAt + Date.now()) / 2);
    },
    master: async () => absolute(parseMaster(await playlist(masterUrl)), masterUrl),
    async media({ uri }) {
      const media = parseMedia(await playlist(uri));
      return { ...media, segments: absolute(media.segments, uri) };
    },
    async segment(uri) {
      const { status, body } = await client.fetch(uri, request);
      if (status !== 200) throw new Finding("segment", `its newest segment answers ${status}`);
      return { bytes: body, atMs: Date.now() };
    },
  };
}

/** Entries with their addresses relative to the playlist made absolute. */
const absolute = <Entry extends { readonly uri: string }>(entries: readonly Entry[], base: string): Entry[] =>
  entries.map((entry) => ({ ...entry, uri: new URL(entry.uri, base).href }));

function readStatus(status: number, text: string, atMs: number): ServerStatus {
  if (status !== 200) throw new Finding("online", `/api/status answers ${status}: Owncast is not behind it, or not up`);
  try {
    const { online, serverTime } = JSON.parse(text) as { online?: unknown; serverTime?: unknown };
    if (typeof online === "boolean") return { online, clockAheadSeconds: aheadOf(serverTime, atMs) };
  } catch {}
  throw new Finding("online", "/api/status does not answer as Owncast does");
}

function aheadOf(serverTime: unknown, atMs: number): number | undefined {
  const timeMs = Date.parse(String(serverTime));
  return Number.isNaN(timeMs) ? undefined : (timeMs - atMs) / 1000;
}
