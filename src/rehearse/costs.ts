import { z } from "zod";
import { levels } from "../../codegen/schema/owncast/ladder.ts";

// The bounds keep out what no machine has, so that no later sum overflows.
const seconds = z.number().min(0).max(1000);
const perLevel = z.strictObject({
  /** For one second of one rendition, whatever its size. */
  perSecond: seconds,
  /** For a million pixels, scaled and encoded. */
  perMegapixel: seconds,
});

/** What work costs on a machine, in seconds of processor time if nothing else is said. */
export const costs = z.strictObject({
  /** The shape of this file. */
  version: z.literal(1),
  /** Where the numbers come from, for people. */
  measured: z.strictObject({
    processors: z.number().min(0.01).max(4096),
    owncast: z.string().max(100),
    caddy: z.string().max(100),
    ffmpeg: z.string().max(100),
  }),
  /** Owncast's ffmpeg. */
  encoder: z.strictObject({
    /** Decodes a million pixels of the camera's. */
    decodePerMegapixel: seconds,
    /** Encodes one second of sound. */
    soundPerSecond: seconds,
    /** By `cpuUsage`. */
    levels: z.strictObject(Object.fromEntries(levels.map((level) => [level, perLevel])) as PerLevel),
  }),
  /** Owncast, Caddy, keeper and gate while a camera is live and nobody watches: for one second. */
  idlePerSecond: seconds,
  /**
   * The same programs as soon as people watch, besides what each of them takes: for one second. A sleeping program that wakes up for
   * one request takes as long as for several.
   */
  audiencePerSecond: seconds,
  /** Everything that works for a viewer's requests: Caddy with TLS over HTTP/2, the keeper, and Owncast. */
  delivery: z.strictObject({
    perSegment: seconds,
    perSegmentGbit: seconds,
    perPlaylist: seconds,
    /** For the keeper's report of a viewer to Owncast. */
    perReport: seconds,
    perPing: seconds,
    perStatus: seconds,
    /** For a page's report on its playback. */
    perMetrics: seconds,
    /** For a chat message, to each viewer who gets it. */
    perChatMessage: seconds,
    /** For a viewer who comes: TLS handshake, the page and all that it loads. */
    perJoin: seconds,
  }),
  /** Bytes of a segment, relative to its video and sound: MPEG-TS adds its packets. */
  muxOverhead: z.number().min(1).max(2),
  /** Bytes of a page with all that it loads. */
  pageBytes: z.number().min(0).max(1e9),
});

type PerLevel = Record<(typeof levels)[number], typeof perLevel>;

/** See `costs`. */
export type Costs = z.output<typeof costs>;

/** For machines that were not measured: `npm run bench -- calibrate` on the machine of docs/benchmarks.md, with 2 processors and nothing else to do. */
export const usualCosts: Costs = {
  version: 1,
  measured: {
    processors: 2,
    owncast: "0.2.5",
    caddy: "2.6.2",
    ffmpeg: "5.1.9",
  },
  encoder: {
    decodePerMegapixel: 0.002125,
    soundPerSecond: 0.06438,
    levels: {
      lowest: {
        perSecond: 0.06597,
        perMegapixel: 0.003311,
      },
      low: {
        perSecond: 0.05299,
        perMegapixel: 0.007623,
      },
      medium: {
        perSecond: 0.07812,
        perMegapixel: 0.009865,
      },
      high: {
        perSecond: 0.0725,
        perMegapixel: 0.01793,
      },
      highest: {
        perSecond: 0.09161,
        perMegapixel: 0.02254,
      },
    },
  },
  idlePerSecond: 0.05422,
  audiencePerSecond: 0.04496,
  delivery: {
    perSegment: 0.0004229,
    perSegmentGbit: 0.2046,
    perPlaylist: 0.0006667,
    perReport: 0.0006451,
    perPing: 0.0005574,
    perStatus: 0.0007641,
    perMetrics: 0.0006719,
    perChatMessage: 5.294e-5,
    perJoin: 0.03133,
  },
  muxOverhead: 1.054,
  pageBytes: 217200,
};
