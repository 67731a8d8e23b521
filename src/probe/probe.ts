import { atMost } from "../lib/at-most.ts";
import { TlsError } from "../lib/connection-error.ts";
import type { DeclaredRendition } from "../media/declared-renditions.ts";
import { decodeSegment } from "../media/decode-segment.ts";
import type { StreamNeeds } from "../media/stream-health.ts";
import { type HttpClientOptions, makeHttpClient, type Resolve } from "../viewer/http-client.ts";
import { makeViewer, type Viewer } from "../viewer/viewer.ts";
import { makeViewerCredentials } from "../viewer/viewer-credentials.ts";
import { noteHeaders } from "./judge-headers.ts";
import { judgeSwitching, notDeclared } from "./judge-segments.ts";
import type { Door } from "./probe-closed.ts";
import { probeRendition } from "./probe-rendition.ts";
import {
  type Check,
  type CheckResult,
  type Fault,
  Notes,
  type ProbeReport,
  type RenditionCheck,
  type RenditionReport,
  renditionChecks,
  type StageCheck,
  stageChecks,
} from "./probe-report.ts";
import { probeStage } from "./probe-stage.ts";
import { awaitStream, type Stream, type Subject } from "./probe-stream.ts";
import { tlsFault } from "./tls-fault.ts";

/** The stage to check, and the options. */
export interface ProbeOptions extends Pick<HttpClientOptions, "caFile" | "resolve" | "timeoutSeconds"> {
  /** The stage's page: `https://host`. */
  readonly url: string;
  /** Exactly these must be there. If left out, the master playlist is right. */
  readonly renditions?: readonly DeclaredRendition[] | undefined;
  /** Why no renditions are declared; "no seed was given" if left out. */
  readonly undeclared?: string | undefined;
  /** The format that the stage needs from its camera; used for passthrough renditions. */
  readonly needs?: StreamNeeds | undefined;
  /** Hosts that the page may name besides its own; see `namedHosts`. If left out, links are not checked. */
  readonly namedHosts?: readonly string[] | undefined;
  /** Ports that must not be reachable. */
  readonly closed?: readonly Door[];
  /** The port of plain http, if https is not on 443. */
  readonly httpPort?: number | undefined;
  /** Send a message into the chat, where everybody sees it, unless the seed disables the chat. */
  readonly chat?: boolean;
  readonly chatEnabled?: boolean | undefined;
  /** The password of a private stage; sent to that stage only. */
  readonly viewerPassword?: string | undefined;
  /** The camera need not be `lectern publish`. */
  readonly anyPicture?: boolean;
  /** The allowed delay of the frames; 60 s if left out. */
  readonly maxLatencySeconds?: number;
  /** Time limit until the stream is up with all renditions; 30 s if left out. */
  readonly deadlineSeconds?: number;
  /** Time limit for a newer segment: 10 s if left out, but never less than four segments. */
  readonly stallSeconds?: number;
  /** Called with each step of the probe. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const defaults = { deadlineSeconds: 30, stallSeconds: 10, maxLatencySeconds: 60 } as const;
// More decoders at once would slow each other, and a server on the same machine.
const decodersAtOnce = 2;
const stageNames = Object.keys(stageChecks) as StageCheck[];
const renditionNames = Object.keys(renditionChecks) as RenditionCheck[];

/**
 * Makes every check, with the requests of a viewer. `probeX` sends requests, `judgeX` only judges; faults are data.
 * Throws CliError: 69 if the server cannot be reached, 64 and 65 for bad options, 1 without ffmpeg.
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  const { viewerPassword } = options;
  const credentials = viewerPassword === undefined ? undefined : makeViewerCredentials(options.url, viewerPassword);
  const client = await makeHttpClient({ ...options, credentials, resolve: withPlainHttp(options) });
  const notes = new Notes();
  try {
    const viewer = makeViewer(client, options.url, options.signal);
    const stream = await awaitStream(viewer, { ...defaults, ...options });
    noteStream(stream, options, notes);
    const [subjects] = await Promise.all([
      checkRenditions(viewer, stream, options),
      probeStage({ ...options, client, answers: stream.answers }, notes),
    ]);
    judgeSwitching(
      subjects.map(({ rendition }) => rendition),
      options.needs,
      notes,
    );
    if (subjects.length === 0) notes.skipRest(renditionNames, "there is no rendition to check");
    const { clockAheadSeconds } = stream;
    return {
      ...reportOf(options.url, notes, subjects),
      tornPlaylists: viewer.tornPlaylists(),
      ...(clockAheadSeconds !== undefined && { serverClockAheadSeconds: clockAheadSeconds }),
    };
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    notes.fail("tls", await tlsFault(error, options));
    notes.skipRest([...stageNames, ...renditionNames], "without trusted TLS nothing else is checked");
    return reportOf(options.url, notes, []);
  } finally {
    client.close();
  }
}

/** A --resolve entry for https also holds for plain http, unless that has an entry of its own. */
function withPlainHttp({ url, resolve = [], httpPort = 80 }: ProbeOptions): readonly Resolve[] {
  const { hostname, port } = new URL(url);
  const led = resolve.find((entry) => entry.host === hostname && entry.port === Number(port || 443));
  return led ? [...resolve, { ...led, port: httpPort }] : resolve;
}

interface Checked {
  readonly rendition: RenditionReport;
  readonly notes: Notes;
}

function reportOf(url: string, notes: Notes, subjects: readonly Checked[]): ProbeReport {
  const checks = [notes, ...subjects.map((subject) => subject.notes)].flatMap((each) => each.results());
  const those = (wanted: CheckResult["outcome"]) =>
    checks.flatMap(({ outcome, detail: message, ...rest }): Fault[] =>
      outcome === wanted ? [{ ...rest, message }] : [],
    );
  return {
    ...{ url, renditions: subjects.map(({ rendition }) => rendition) },
    ...{ faults: those("failed"), warnings: those("warned"), checks, tornPlaylists: 0 },
  };
}

/** Notes what status and master playlist say about the stage as a whole. */
function noteStream(
  { faults, master, subjects }: Stream,
  { renditions, undeclared = notDeclared }: ProbeOptions,
  notes: Notes,
): void {
  const messages = (check: Check) => faults.filter((fault) => fault.check === check).map(({ message }) => message);
  const [offline] = messages("online");
  const [broken] = messages("master");
  const extra = messages("extra");
  notes.judge("online", offline);
  if (offline === undefined) notes.judge("master", broken, `${subjects.length} renditions`);
  if (!renditions) notes.skip("extra", undeclared);
  if (offline === undefined && broken === undefined)
    notes.judge("extra", extra.length === 0 ? undefined : extra.join("; "));
  notes.skipRest(["master", "extra"], broken ? "the master playlist cannot be used" : "nothing is on air");
  if (master) noteHeaders([master], notes);
}

/** Checks all renditions at the same time. */
async function checkRenditions(viewer: Viewer, stream: Stream, options: ProbeOptions): Promise<Checked[]> {
  const { onProgress, signal, anyPicture = false, needs } = options;
  const { stallSeconds, maxLatencySeconds } = { ...defaults, ...options };
  const inTurn = atMost(decodersAtOnce);
  const total = 2 * stream.subjects.filter(({ variant }) => variant).length;
  let decoded = 0;
  const checkOne = async ({ rendition: expected, variant }: Subject): Promise<Checked> => {
    const { name, width, height, framerate = 0 } = expected;
    const notes = new Notes(name);
    const declared = { name, width, height, ...(framerate > 0 && { framerate }) };
    if (!variant) {
      const missing = stream.faults.find((fault) => fault.rendition === name)?.message ?? "not in the master playlist";
      notes.fail("missing", missing);
      notes.skipRest(renditionNames, "the rendition is missing");
      return { rendition: declared, notes };
    }
    const measure = await probeRendition(
      {
        ...{ viewer, variant, expected, anyPicture, stallSeconds, maxLatencySeconds, needs },
        decode: (bytes) => inTurn(() => decodeSegment(bytes, { signal })),
        onSegment: () => onProgress?.(`${++decoded} of ${total} segments decoded`),
        serverClockAheadSeconds: stream.clockAheadSeconds,
      },
      notes,
    );
    return { rendition: { ...measure, ...declared }, notes };
  };
  onProgress?.(`0 of ${total} segments decoded`);
  return Promise.all(stream.subjects.map(checkOne));
}
