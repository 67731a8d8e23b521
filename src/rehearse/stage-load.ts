import type { levels, Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { cameraPicture, segmentSeconds } from "../media/camera-needs.ts";
import { type DeclaredRendition, declaredRenditions, type Picture, videoKbps } from "../media/declared-renditions.ts";
import type { Costs } from "./costs.ts";

/** A level of `cpuUsage` or `latency`. */
export type Level = (typeof levels)[number];

/** What a seed says about load. Absent settings have Owncast's defaults. */
export interface StageLoad {
  readonly ladder?: readonly Rendition[] | undefined;
  readonly latency?: Level | undefined;
  readonly codec?: string | undefined;
  /** Whether the page has a chat. */
  readonly chat: boolean;
  /** Where viewers fetch segments: this machine, a bucket, or an edge or CDN that fetches each segment here once. */
  readonly segmentsFrom: "machine" | "bucket" | "edge";
}

/** A rendition with what it costs. */
export interface RenditionCost {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  /** As declared; the encoder gets 192 kbit/s less. */
  readonly declaredKbps: number;
  /** What a viewer fetches: video, sound and MPEG-TS. */
  readonly segmentKbps: number;
  /** Its part of the viewers, 0 to 1. */
  readonly share: number;
  /** Processors for its encoder, without the decoding of the camera's frames; for the synthetic picture. */
  readonly encoderProcessors: number;
  /** It is the camera's stream: nothing is encoded, and its bitrate is the camera's. */
  readonly passthrough: boolean;
}

/** What a stage makes its machine do. */
export interface Load {
  readonly ladder: readonly Rendition[];
  readonly camera: Picture;
  readonly renditions: readonly RenditionCost[];
  /** The effort that Owncast uses for all renditions; undefined if it encodes nothing on the processor. */
  readonly effort: Level | undefined;
  /** Processors for the encoder, the camera's decoding included, by effort; for the synthetic picture. */
  readonly encoderAt: (level: Level) => number;
  /** The same for the stage's own effort. */
  readonly encoder: number;
  /** Processors for the other programs, besides what each viewer takes. */
  readonly idle: number;
  /** Processors for a viewer who watches, and for one who comes, spread over the time in which an audience comes. */
  readonly perViewer: number;
  readonly perJoiner: number;
  /** What leaves the machine for one viewer, on the wire. */
  readonly kbpsPerViewer: number;
  /** The same for a viewer of the best rendition. */
  readonly kbpsAtBest: number;
  /** The page for those who come, spread over the time in which an audience comes. */
  readonly joinKbps: number;
  /** Segments for one viewer, from wherever they come. */
  readonly segmentKbps: number;
  /** The part of it that an encoder of this machine makes: video without sound, none of a passthrough rendition. */
  readonly encodedKbps: number;
  /** Segments of all renditions together. */
  readonly ladderKbps: number;
  /** What leaves the machine also without viewers: to a bucket or an edge. */
  readonly fixedKbps: number;
  /** A million pixels: one frame of each encoded rendition. */
  readonly frameMegapixels: number;
}

/** What the profile of `lectern obs` sends, and 128 kbit/s is what `lectern publish` sends too. */
export const cameraSoundKbps = 128;
/** An audience comes within ten minutes. */
const joinSeconds = 600;
/** IP, TCP, TLS and HTTP/2 around full packets on Ethernet: 1,538 bytes on the wire carry about 1,420 of a segment. */
const wireOverhead = 1.08;
/** What the page of Owncast 0.2.5 asks for (read in its source), in seconds between two requests. */
const pageAsksEvery = { ping: 4, status: 5, metrics: 10 } as const;
/** Native players are viewers for Owncast by their playlists: the keeper reports each viewer with the first one after so many seconds. */
const keeperReportsAfter = 5;
/** Nobody reads more than one message a second. Owncast sends each one to every viewer. */
const chatMessagesPerSecond = 1;
/** Bytes that a response and its headers take on the wire, about, from Owncast 0.2.5 over HTTP/2. */
const responseBytes = { playlist: 1500, ping: 150, status: 500, metrics: 150, chatMessage: 500 } as const;

/** Owncast's own ladder, for seeds that declare none. */
const ownLadder: readonly Rendition[] = [{ name: "Owncast's default", framerate: 24, bitrateKbps: 1200 }];

/** Owncast's own calculator: of two renditions 70 % watch the better one; of more, 70, 20 and 10 % the best three. */
export function usualSplit(count: number): readonly number[] {
  if (count <= 1) return [1];
  if (count === 2) return [0.3, 0.7];
  return [...Array.from({ length: count - 3 }, () => 0), 0.1, 0.2, 0.7];
}

/**
 * The load of a stage by what work costs. `known` facts about the camera win over what a ladder asks of it. `split` has the shares
 * of the viewers by rendition, in the ladder's order; default: `usualSplit`. Pure.
 */
export function loadOf(
  stage: StageLoad,
  costs: Costs,
  {
    known,
    split,
  }: { readonly known?: Partial<Picture> | undefined; readonly split?: readonly number[] | undefined } = {},
): Load {
  const ladder = stage.ladder ?? ownLadder;
  const camera = cameraPicture(ladder, known);
  const effort = effortOf(stage, ladder);
  const declared = declaredRenditions(ladder, camera) ?? [];
  const shares = split ?? usualSplit(declared.length);
  const renditions = declared.map(
    (rendition, index): RenditionCost => ({
      ...{ name: rendition.name, width: rendition.width, height: rendition.height, framerate: rendition.framerate },
      declaredKbps: rendition.bitrateKbps,
      segmentKbps: (videoKbps(rendition) + (ladder[index]?.audioBitrateKbps ?? cameraSoundKbps)) * costs.muxOverhead,
      share: shares[index] ?? 0,
      encoderProcessors: effort === undefined ? 0 : encodingOf(rendition, costs, effort),
      passthrough: rendition.passthrough === true,
    }),
  );
  const encoderAt = (level: Level) =>
    decodingOf(ladder, camera, costs) +
    declared.reduce((sum, rendition) => sum + encodingOf(rendition, costs, level), 0) +
    ladder.filter(({ audioBitrateKbps }) => audioBitrateKbps !== undefined).length * costs.encoder.soundPerSecond;
  return {
    ...{ ladder, camera, renditions, effort, encoderAt },
    encoder: encoderAt(effort ?? "lowest"),
    idle: costs.idlePerSecond + costs.audiencePerSecond,
    perJoiner: costs.delivery.perJoin / joinSeconds,
    joinKbps: (costs.pageBytes * 8) / 1000 / joinSeconds,
    encodedKbps: declared.reduce(
      (sum, one, index) => sum + (one.passthrough ? 0 : videoKbps(one) * costs.muxOverhead * (shares[index] ?? 0)),
      0,
    ),
    frameMegapixels: renditions
      .filter(({ passthrough }) => !passthrough)
      .reduce((sum, { width, height }) => sum + (width * height) / 1e6, 0),
    ...deliveryOf(stage, costs, renditions),
  };
}

/** What viewers take from the machine. */
function deliveryOf(stage: StageLoad, { delivery }: Costs, renditions: readonly RenditionCost[]) {
  const isHere = stage.segmentsFrom === "machine";
  const segmentKbps = renditions.reduce((sum, rendition) => sum + rendition.segmentKbps * rendition.share, 0);
  const ladderKbps = renditions.reduce((sum, rendition) => sum + rendition.segmentKbps, 0);
  // A player asks for the playlist once in a segment's length, and fetches each new segment once. A bucket or an edge serves both.
  const seconds = segmentSeconds(stage.latency);
  const segmentsPerSecond = isHere ? 1 / seconds : 0;
  const reportsPerSecond = isHere ? 1 / (Math.ceil(keeperReportsAfter / seconds) * seconds) : 0;
  const messages = stage.chat ? chatMessagesPerSecond : 0;
  const rates = {
    playlist: segmentsPerSecond,
    ping: 1 / pageAsksEvery.ping,
    status: 1 / pageAsksEvery.status,
    metrics: 1 / pageAsksEvery.metrics,
    chatMessage: messages,
  };
  const requestKbps =
    (Object.entries(rates).reduce((sum, [kind, rate]) => sum + rate * responseBytes[kind as keyof typeof rates], 0) *
      8) /
    1000;
  const onWire = (kbps: number): number => (isHere ? kbps * wireOverhead : 0) + requestKbps;
  return {
    ...{ segmentKbps, ladderKbps },
    perViewer:
      segmentsPerSecond * delivery.perSegment +
      (isHere ? segmentKbps / 1e6 : 0) * delivery.perSegmentGbit +
      rates.playlist * delivery.perPlaylist +
      reportsPerSecond * delivery.perReport +
      rates.ping * delivery.perPing +
      rates.status * delivery.perStatus +
      rates.metrics * delivery.perMetrics +
      rates.chatMessage * delivery.perChatMessage,
    kbpsPerViewer: onWire(segmentKbps),
    kbpsAtBest: onWire(Math.max(0, ...renditions.map((rendition) => rendition.segmentKbps))),
    // Each segment leaves once.
    fixedKbps: isHere ? 0 : ladderKbps * wireOverhead,
  };
}

/** Whether `codec` encodes on a device and not on the processor. */
export const isOnDevice = ({ codec = "libx264" }: Pick<StageLoad, "codec">): boolean => codec !== "libx264";

/**
 * Owncast 0.2.5 gives ffmpeg each rendition's preset without its number, so ffmpeg uses the last one for all (measured). A device's
 * encoder takes no more of the processor than x264's least effort.
 */
function effortOf(stage: StageLoad, ladder: readonly Rendition[]): Level | undefined {
  const last = ladder.filter(({ passthrough }) => !passthrough).at(-1);
  if (!last) return undefined;
  return isOnDevice(stage) ? "lowest" : (last.cpuUsage ?? "medium");
}

const megapixelsPerSecond = ({ width, height, framerate }: Pick<Picture, "width" | "height" | "framerate">): number =>
  (width * height * framerate) / 1e6;

function encodingOf(rendition: DeclaredRendition, { encoder }: Costs, level: Level): number {
  if (rendition.passthrough) return 0;
  const { perSecond, perMegapixel } = encoder.levels[level];
  return perSecond + perMegapixel * megapixelsPerSecond(rendition);
}

/** The camera's frames are decoded once, unless all renditions are passed through. */
const decodingOf = (ladder: readonly Rendition[], camera: Picture, { encoder }: Costs): number =>
  ladder.every(({ passthrough }) => passthrough) ? 0 : megapixelsPerSecond(camera) * encoder.decodePerMegapixel;
