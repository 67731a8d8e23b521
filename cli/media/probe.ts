import { atMost } from "./at-most.ts";
import { type HttpClientOptions, makeHttpClient } from "./http-client.ts";
import { probeRendition } from "./probe-rendition.ts";
import { type DeclaredRendition, type Fault, Finding, type ProbeReport, type RenditionReport } from "./probe-report.ts";
import { awaitStream, type Stream, type Subject } from "./probe-stream.ts";
import { decodeSegment } from "./segment.ts";
import { makeViewer, type Viewer } from "./viewer.ts";

/** Which stage to look at, and how. */
export interface ProbeOptions extends Pick<HttpClientOptions, "caFile" | "resolve" | "timeoutSeconds"> {
  /** The stage's page: `https://host`. */
  readonly url: string;
  /** What must be there, no more and no less; what the master playlist names when left out. */
  readonly renditions?: readonly DeclaredRendition[] | undefined;
  /** How long the stream may take to come up with all renditions; 30 when left out. */
  readonly deadlineSeconds?: number;
  /** How long a newer segment may take at least; 10 when left out, and four segments' length in any case. */
  readonly stallSeconds?: number;
  /** Told where the probe stands. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const defaultDeadlineSeconds = 30;
const defaultStallSeconds = 10;
// Decoding is work for the processor; more at once would only slow each other and the server beside them.
const decodersAtOnce = 2;

/**
 * Checks a stage as a viewer would: online, and every rendition decodes at its size with a clock that runs and is recent.
 * Faults are data. Throws CliError: 69 when the server is not reached at all, 64 and 65 for options, 1 without ffmpeg.
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  const client = await makeHttpClient(options);
  try {
    const viewer = makeViewer(client, options.url, options.signal);
    const stream = await awaitStream(viewer, { deadlineSeconds: defaultDeadlineSeconds, ...options });
    const results = await checkRenditions(viewer, stream, options);
    const { clockAheadSeconds } = stream;
    return {
      url: options.url,
      renditions: results.map(({ rendition }) => rendition),
      faults: [...stream.faults, ...results.flatMap(({ fault }) => fault ?? [])],
      tornPlaylists: viewer.tornPlaylists(),
      ...(clockAheadSeconds !== undefined && { serverClockAheadSeconds: clockAheadSeconds }),
    };
  } finally {
    client.close();
  }
}

interface Result {
  readonly rendition: RenditionReport;
  readonly fault?: Fault;
}

/** Looks at all renditions at the same time; those that are missing are handed on as they are. */
async function checkRenditions(viewer: Viewer, stream: Stream, options: ProbeOptions): Promise<Result[]> {
  const { onProgress, signal, stallSeconds = defaultStallSeconds } = options;
  const inTurn = atMost(decodersAtOnce);
  const total = 2 * stream.subjects.filter(({ variant }) => variant).length;
  let decoded = 0;
  const checkOne = async ({ rendition, variant }: Subject): Promise<Result> => {
    if (!variant) return { rendition };
    try {
      const { framerate, latencySeconds } = await probeRendition({
        viewer,
        variant,
        expected: rendition,
        decode: (bytes) => inTurn(() => decodeSegment(bytes, { signal })),
        onSegment: () => onProgress?.(`${++decoded} of ${total} segments decoded`),
        stallSeconds,
        serverClockAheadSeconds: stream.clockAheadSeconds,
      });
      return { rendition: { ...rendition, framerate: rendition.framerate ?? framerate, latencySeconds } };
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      return { rendition, fault: { rendition: rendition.name, check: error.check, message: error.message } };
    }
  };
  onProgress?.(`0 of ${total} segments decoded`);
  return Promise.all(stream.subjects.map(checkOne));
}
