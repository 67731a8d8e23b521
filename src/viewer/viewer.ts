import type { IncomingHttpHeaders } from "node:http";
import { gunzipSync } from "node:zlib";
import { codeOf } from "../lib/error-cause.ts";
import { Finding } from "../probe/probe-report.ts";
import type { HttpClient } from "./http-client.ts";
import { type MediaPlaylist, PlaylistError, parseMaster, parseMedia, readWhole, type Variant } from "./playlist.ts";

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
  readonly headers: IncomingHttpHeaders;
}

/** A playlist as it arrived, read. */
export interface Read<Playlist> {
  readonly playlist: Playlist;
  readonly headers: IncomingHttpHeaders;
}

/** Asks a stage for what a player asks. Everything throws CliError 69 when there is no answer at all. */
export interface Viewer {
  /** Throws Finding `online` when the answer is not Owncast's. */
  status(): Promise<ServerStatus>;
  /** Renditions with absolute addresses. Throws PlaylistError. */
  master(): Promise<Read<Variant[]>>;
  /** Segments with absolute addresses. Throws PlaylistError. */
  media(variant: Variant): Promise<Read<MediaPlaylist>>;
  /** Throws Finding `segment` when it is not there. */
  segment(uri: string): Promise<Arrived>;
  /** How a segment is encoded once more on its way to a browser, such as `gzip`; undefined when it is not. */
  encodingOf(uri: string): Promise<string | undefined>;
  /** Torn playlists so far. */
  tornPlaylists(): number;
}

const mostCut = 3;

/** A viewer of the stage at `url`, over a client that it does not close. */
export function makeViewer(client: HttpClient, url: string, signal?: AbortSignal): Viewer {
  let torn = 0;
  // Compressing what is compressed already only costs time; a playlist's bytes are read as they come.
  const request = { headers: { "accept-encoding": "identity" }, signal };
  const playlist = async <Playlist>(address: string, parse: (text: string) => Playlist): Promise<Read<Playlist>> => {
    let last: IncomingHttpHeaders = {};
    let cut = 0;
    const text = await readWhole(
      async () => {
        const answer = await client.fetch(address, request).catch((error: Error) => {
          // A playlist that gets shorter while it is sent: Owncast, and then its proxy, can only close the connection.
          if (codeOf(error.cause) !== "ECONNRESET" || ++cut > mostCut) throw error;
        });
        if (!answer) return "";
        const { status, body, headers } = answer;
        if (status !== 200) throw new PlaylistError(`it answers ${status}`);
        last = headers;
        return body.toString();
      },
      () => {
        torn += 1;
      },
    );
    return { playlist: parse(text), headers: last };
  };
  const masterUrl = new URL("/hls/stream.m3u8", url).href;
  return {
    tornPlaylists: () => torn,
    async status() {
      const askedAt = Date.now();
      const { status, body } = await client.fetch(new URL("/api/status", url).href, request);
      return readStatus(status, body.toString(), (askedAt + Date.now()) / 2);
    },
    master: () => playlist(masterUrl, (text) => absolute(parseMaster(text), masterUrl)),
    media: ({ uri }) =>
      playlist(uri, (text) => {
        const media = parseMedia(text);
        return { ...media, segments: absolute(media.segments, uri) };
      }),
    async segment(uri) {
      const { status, body, headers } = await client.fetch(uri, request);
      if (status !== 200) throw new Finding("segment", `its newest segment answers ${status}`);
      // A server that compresses unasked is named for that; what the segment holds is looked at all the same.
      const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      return { bytes, atMs: Date.now(), headers };
    },
    async encodingOf(uri) {
      const { headers } = await client.fetch(uri, {
        ...request,
        headers: { "accept-encoding": "gzip, deflate, br, zstd" },
      });
      const encoding = headers["content-encoding"];
      return encoding === "identity" ? undefined : encoding;
    },
  };
}

/** Entries with their addresses relative to the playlist made absolute. */
const absolute = <Entry extends { readonly uri: string }>(entries: readonly Entry[], base: string): Entry[] =>
  entries.map((entry) => ({ ...entry, uri: new URL(entry.uri, base).href }));

const closedWords: Readonly<Record<number, string>> = {
  401: "the stage is private: give its password by --viewer-password-file, or the right one",
  403: "the stage is closed to this address: look from a network of viewers.allow",
};

function readStatus(status: number, text: string, atMs: number): ServerStatus {
  const closed = closedWords[status];
  if (closed !== undefined) throw new Finding("online", `/api/status answers ${status}: ${closed}`);
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
