import { setTimeout as sleep } from "node:timers/promises";
import { parse as parseHls, setOptions, type types } from "hls-parser";

/** A rendition in the master playlist. Sizes are in pixels, 0 if it does not say. */
export interface Variant {
  readonly uri: string;
  readonly width: number;
  readonly height: number;
  readonly bandwidthBps: number;
  /** PATHWAY-ID: the edge that serves it, or `origin`; absent in a stage without edges. */
  readonly pathway?: string;
}

/** A segment in a media playlist. */
export interface MediaSegment {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly sequence: number;
  /** Timestamps or codecs may jump here. */
  readonly discontinuity: boolean;
  /** EXT-X-PROGRAM-DATE-TIME: when its first frame was made, in ms since the epoch on the server's clock; absent without a date. */
  readonly madeAtMs?: number;
}

/** The playlist of one rendition. */
export interface MediaPlaylist {
  readonly targetDurationSeconds: number;
  readonly segments: readonly MediaSegment[];
  /** ENDLIST: players stop here for good. */
  readonly ended: boolean;
}

/** A playlist that cannot be used; the message says why, for a person. */
export class PlaylistError extends Error {
  override readonly name = "PlaylistError";
}

/** Why a playlist is torn; undefined for a whole one. Owncast writes playlists in place, so a reader may see half of one. */
export function tornBy(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (!/^#EXTM3U[ \t]*\r?\n/.test(text)) return "it does not start with #EXTM3U";
  if (!text.endsWith("\n")) return "it is cut off: its last line has no end";
  if (!/^[^#\s]/m.test(text)) return "it names nothing to play";
  if (/^#(EXTINF|EXT-X-STREAM-INF):.*\s*$/.test(text.trimEnd().split("\n").at(-1)!))
    return "it is cut off: its last entry has no address";
  return undefined;
}

/** The attempts to read a torn playlist, and the pause between them. Owncast takes a few ms to write one. */
export const tornRetry = { attempts: 10, pauseMs: 100 } as const;

/** Fetches until the playlist is whole. `onTorn` is called for each torn one. Throws PlaylistError after the last attempt. */
export async function readWhole(
  fetchText: () => Promise<string>,
  onTorn: (flaw: string) => void = () => {},
  { attempts, pauseMs }: { readonly attempts: number; readonly pauseMs: number } = tornRetry,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const text = await fetchText();
    const flaw = tornBy(text);
    if (flaw === undefined) return text;
    if (attempt >= attempts) throw new PlaylistError(flaw);
    onTorn(flaw);
    await sleep(pauseMs);
  }
}

/** Reads a whole master playlist. Keeps its order. Throws PlaylistError. */
export function parseMaster(text: string): Variant[] {
  const playlist = parse(text);
  if (!playlist.isMasterPlaylist) throw new PlaylistError("it lists segments, where renditions were expected");
  if (playlist.variants.length === 0) throw new PlaylistError("it names no rendition");
  // The library keeps the order of these lines, and does not read this attribute.
  const pathways = [...text.matchAll(/^#EXT-X-STREAM-INF:(.*)$/gm)].map(
    ([, attributes = ""]) => /(?:^|,)PATHWAY-ID="([^"]{1,100})"/.exec(attributes)?.[1],
  );
  return playlist.variants.map(({ uri, resolution, bandwidth }, place) => {
    const pathway = pathways[place];
    return {
      uri,
      width: resolution?.width ?? 0,
      height: resolution?.height ?? 0,
      bandwidthBps: bandwidth ?? 0,
      ...(pathway !== undefined && { pathway }),
    };
  });
}

/** The variants of the first pathway, on which players begin; all of them in a stage without edges. Pure. */
export const onFirstPathway = (variants: readonly Variant[]): Variant[] =>
  variants.filter(({ pathway }) => pathway === variants[0]?.pathway);

/** The address at which players ask for the order of pathways, as the master playlist has it; undefined without steering. Pure. */
export const steeringUriIn = (master: string): string | undefined =>
  /^#EXT-X-CONTENT-STEERING:(?:.*,)?SERVER-URI="([^"]{1,1000})"/m.exec(master)?.[1];

/** Reads a whole media playlist. Throws PlaylistError. */
export function parseMedia(text: string): MediaPlaylist {
  const playlist = parse(text);
  if (playlist.isMasterPlaylist) throw new PlaylistError("it names renditions, where segments were expected");
  const { targetDuration, endlist, segments } = playlist;
  if (!(targetDuration > 0)) throw new PlaylistError("it has no EXT-X-TARGETDURATION");
  if (segments.some(({ duration }) => !(duration > 0))) throw new PlaylistError("one of its segments has no length");
  return {
    targetDurationSeconds: targetDuration,
    ended: endlist,
    segments: segments.map(({ uri, duration, mediaSequenceNumber, discontinuity, programDateTime }) => {
      const madeAtMs = programDateTime?.getTime() ?? Number.NaN;
      return {
        uri,
        durationSeconds: duration,
        sequence: mediaSequenceNumber,
        discontinuity: discontinuity === true,
        ...(!Number.isNaN(madeAtMs) && { madeAtMs }),
      };
    }),
  };
}

type Parsed = types.MasterPlaylist | types.MediaPlaylist;

function parse(text: string): Parsed {
  // Otherwise the library writes to stderr.
  setOptions({ silent: true });
  try {
    return parseHls(text);
  } catch (error) {
    throw new PlaylistError("it is not a valid playlist", { cause: error });
  }
}
