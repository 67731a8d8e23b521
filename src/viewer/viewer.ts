import type { IncomingHttpHeaders } from "node:http";
import { gunzipSync } from "node:zlib";
import { codeOf } from "../lib/error-cause.ts";
import type { HttpClient } from "./http-client.ts";
import { type MediaPlaylist, PlaylistError, parseMaster, parseMedia, readWhole, type Variant } from "./playlist.ts";

/** The server's public status. */
export interface ServerStatus {
  readonly online: boolean;
  /** Seconds by which its clock is ahead of this machine's; undefined if it does not say. */
  readonly clockAheadSeconds: number | undefined;
}

/** A segment that arrived. */
export interface Arrived {
  readonly bytes: Buffer;
  /** When its last byte arrived, in ms since the epoch. */
  readonly atMs: number;
  readonly headers: IncomingHttpHeaders;
  /** The origin of the stage's page if the response is from another site, such as an object storage. */
  readonly pageOrigin?: string | undefined;
}

/** A playlist that arrived. */
export interface Read<Playlist> {
  readonly playlist: Playlist;
  readonly headers: IncomingHttpHeaders;
  /** As for a segment. */
  readonly pageOrigin?: string | undefined;
}

/** The server's response is not that of a stage; the message gives the reason, for a person. */
export class ResponseFault extends Error {
  override readonly name = "ResponseFault";
}

/** Sends the requests of a player. Every method throws CliError 69 if there is no response. */
export interface Viewer {
  /** Throws ResponseFault if the response is not Owncast's. */
  status(): Promise<ServerStatus>;
  /** Renditions with absolute addresses. Throws PlaylistError. */
  master(): Promise<Read<Variant[]>>;
  /** Segments with absolute addresses. Throws PlaylistError. */
  media(variant: Variant): Promise<Read<MediaPlaylist>>;
  /** Throws ResponseFault if it is not there. */
  segment(uri: string): Promise<Arrived>;
  /** The Content-Encoding that a browser gets a segment with, such as `gzip`; undefined without one. */
  encodingOf(uri: string): Promise<string | undefined>;
  /** The number of torn playlists so far. */
  tornPlaylists(): number;
}

const mostClosedConnections = 3;

/** A viewer of the stage at `url`. It does not close `client`. */
export function makeViewer(client: HttpClient, url: string, signal?: AbortSignal): Viewer {
  let torn = 0;
  // No compression: segments are compressed already, and playlists are read as the server has them.
  const request = { headers: { "accept-encoding": "identity" }, signal };
  const own = new URL(url).origin;
  const pageOriginFor = (address: string) => (new URL(address).origin === own ? undefined : own);
  /** To another site, a browser sends the page's origin. */
  const requestTo = (address: string) => {
    const origin = pageOriginFor(address);
    return origin === undefined ? request : { ...request, headers: { ...request.headers, origin } };
  };
  const playlist = async <Playlist>(address: string, parse: (text: string) => Playlist): Promise<Read<Playlist>> => {
    let last: IncomingHttpHeaders = {};
    let closed = 0;
    const text = await readWhole(
      async () => {
        const response = await client.fetch(address, requestTo(address)).catch((error: Error) => {
          // If a playlist gets shorter while Owncast sends it, Owncast and the proxy can only close the connection.
          if (codeOf(error.cause) !== "ECONNRESET" || ++closed > mostClosedConnections) throw error;
        });
        if (!response) return "";
        const { status, body, headers } = response;
        if (status !== 200) throw new PlaylistError(`the server answers ${status}`);
        last = headers;
        return body.toString();
      },
      () => {
        torn += 1;
      },
    );
    return { playlist: parse(text), headers: last, pageOrigin: pageOriginFor(address) };
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
      const { status, body, headers } = await client.fetch(uri, requestTo(uri));
      if (status !== 200) throw new ResponseFault(`the server answers ${status} for its newest segment`);
      // Some servers compress without a request for it. That is a separate fault; the segment may still be good.
      const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      return { bytes, atMs: Date.now(), headers, pageOrigin: pageOriginFor(uri) };
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

const absolute = <Entry extends { readonly uri: string }>(entries: readonly Entry[], base: string): Entry[] =>
  entries.map((entry) => ({ ...entry, uri: new URL(entry.uri, base).href }));

const closedWords: Readonly<Record<number, string>> = {
  401: "the stage is private: give the right password by --viewer-password-file",
  403: "the stage is closed to this address: probe from a network of viewers.allow",
};

function readStatus(status: number, text: string, atMs: number): ServerStatus {
  const closed = closedWords[status];
  if (closed !== undefined) throw new ResponseFault(`/api/status answers ${status}: ${closed}`);
  if (status !== 200) throw new ResponseFault(`/api/status answers ${status}: no Owncast there, or it is down`);
  try {
    const { online, serverTime } = JSON.parse(text) as { online?: unknown; serverTime?: unknown };
    if (typeof online === "boolean") return { online, clockAheadSeconds: aheadOf(serverTime, atMs) };
  } catch {}
  throw new ResponseFault("/api/status does not answer as Owncast does");
}

function aheadOf(serverTime: unknown, atMs: number): number | undefined {
  const timeMs = Date.parse(String(serverTime));
  return Number.isNaN(timeMs) ? undefined : (timeMs - atMs) / 1000;
}
