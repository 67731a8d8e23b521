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

/**
 * For machines that were not measured: `npm run bench -- calibrate` on the machine of docs/benchmarks.md, 2 processors that other
 * work kept busy, as neighbours do on a rented machine.
 */
export const usualCosts: Costs = {
  version: 1,
  measured: {
    processors: 2,
    owncast: "0.2.5",
    caddy: "2.6.2",
    ffmpeg: "5.1.9",
  },
  encoder: {
    decodePerMegapixel: 0.001623,
    soundPerSecond: 0.03687,
    levels: {
      lowest: {
        perSecond: 0.02012,
        perMegapixel: 0.005543,
      },
      low: {
        perSecond: 0.06538,
        perMegapixel: 0.00599,
      },
      medium: {
        perSecond: 0.06972,
        perMegapixel: 0.009748,
      },
      high: {
        perSecond: 0.07914,
        perMegapixel: 0.02029,
      },
      highest: {
        perSecond: 0.0779,
        perMegapixel: 0.02501,
      },
    },
  },
  idlePerSecond: 0.05658,
  audiencePerSecond: 0.1,
  delivery: {
    perSegment: 0.0008581,
    perSegmentGbit: 0.1772,
    perPlaylist: 0.001036,
    perReport: 0.001081,
    perPing: 0.0007681,
    perStatus: 0.00103,
    perMetrics: 0.001052,
    perChatMessage: 3.449e-5,
    perJoin: 0.02928,
  },
  muxOverhead: 1.049,
  pageBytes: 217200,
};
