import { atMost } from "../lib/at-most.ts";
import { TlsError } from "../lib/connection-error.ts";
import { decodeSegment } from "../media/decode-segment.ts";
import type { StreamNeeds } from "../media/stream-health.ts";
import { type HttpClientOptions, makeHttpClient } from "../viewer/http-client.ts";
import type { Resolve } from "../viewer/resolve.ts";
import { makeViewer, type Viewer } from "../viewer/viewer.ts";
import { makeViewerCredentials } from "../viewer/viewer-credentials.ts";
import {
  type Check,
  type CheckResult,
  Notes,
  type RenditionCheck,
  renditionChecks,
  type StageCheck,
  stageChecks,
} from "./checks.ts";
import { notDeclared } from "./judge-segments.ts";
import { judgeSwitching } from "./judge-switching.ts";
import type { Door } from "./probe-closed.ts";
import { noteHeaders, probeRendition } from "./probe-rendition.ts";
import type { DeclaredRendition, Fault, ProbeReport, RenditionReport } from "./probe-report.ts";
import { probeStage } from "./probe-stage.ts";
import { awaitStream, type Stream, type Subject } from "./probe-stream.ts";
import { tlsFault } from "./tls-fault.ts";

/** Which stage to look at, and how. */
export interface ProbeOptions extends Pick<HttpClientOptions, "caFile" | "resolve" | "timeoutSeconds"> {
  /** The stage's page: `https://host`. */
  readonly url: string;
  /** What must be there, no more and no less; what the master playlist names when left out. */
  readonly renditions?: readonly DeclaredRendition[] | undefined;
  /** Why nothing is declared; without, that no seed was given. */
  readonly undeclared?: string | undefined;
  /** What the stage asks of its camera, for renditions that pass it on. */
  readonly needs?: StreamNeeds | undefined;
  /** Hosts that the page may name besides its own; see `namedHosts`. Without, its links are not judged. */
  readonly namedHosts?: readonly string[] | undefined;
  /** Places that must not be reachable. */
  readonly closed?: readonly Door[];
  /** The port of plain http, where https is not on 443. */
  readonly httpPort?: number | undefined;
  /** Say something in the chat, where everybody sees it; not when the seed closes it. */
  readonly chat?: boolean;
  readonly chatEnabled?: boolean | undefined;
  /** Of a private stage; it is sent to nobody else. */
  readonly viewerPassword?: string | undefined;
  /** The picture need not be the synthetic camera's. */
  readonly anyPicture?: boolean;
  /** How far behind the picture may be; 60 s when left out. */
  readonly maxLatencySeconds?: number;
  /** How long the stream may take to come up with all renditions; 30 when left out. */
  readonly deadlineSeconds?: number;
  /** How long a newer segment may take at least; 10 when left out, and four segments' length in any case. */
  readonly stallSeconds?: number;
  /** Told where the probe stands. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const defaults = { deadlineSeconds: 30, stallSeconds: 10, maxLatencySeconds: 60 } as const;
// Decoding is work for the processor; more at once would only slow each other and the server beside them.
const decodersAtOnce = 2;
const stageNames = Object.keys(stageChecks) as StageCheck[];
const renditionNames = Object.keys(renditionChecks) as RenditionCheck[];

/**
 * Goes through the whole checklist as a viewer would. Faults are data.
 * Throws CliError: 69 when the server is not reached at all, 64 and 65 for options, 1 without ffmpeg.
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
    if (subjects.length === 0) notes.skipRest(renditionNames, "there is no rendition to look at");
    const { clockAheadSeconds } = stream;
    return {
      ...reportOf(options.url, notes, subjects),
      tornPlaylists: viewer.tornPlaylists(),
      ...(clockAheadSeconds !== undefined && { serverClockAheadSeconds: clockAheadSeconds }),
    };
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    notes.fail("tls", await tlsFault(error, options));
    notes.skipRest([...stageNames, ...renditionNames], "without TLS that can be trusted nothing else is looked at");
    return reportOf(options.url, notes, []);
  } finally {
    client.close();
  }
}

/** Where https is led to, plain http is asked too, unless that is led elsewhere. */
function withPlainHttp({ url, resolve = [], httpPort = 80 }: ProbeOptions): readonly Resolve[] {
  const { hostname, port } = new URL(url);
  const led = resolve.find((entry) => entry.host === hostname && entry.port === Number(port || 443));
  return led ? [...resolve, { ...led, port: httpPort }] : resolve;
}

interface Looked {
  readonly rendition: RenditionReport;
  readonly notes: Notes;
}

function reportOf(url: string, notes: Notes, subjects: readonly Looked[]): ProbeReport {
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

/** What status and master playlist say of the stage as a whole. */
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

/** Looks at all renditions at the same time; of those that are missing that is all there is to say. */
async function checkRenditions(viewer: Viewer, stream: Stream, options: ProbeOptions): Promise<Looked[]> {
  const { onProgress, signal, anyPicture = false, needs } = options;
  const { stallSeconds, maxLatencySeconds } = { ...defaults, ...options };
  const inTurn = atMost(decodersAtOnce);
  const total = 2 * stream.subjects.filter(({ variant }) => variant).length;
  let decoded = 0;
  const checkOne = async ({ rendition: expected, variant }: Subject): Promise<Looked> => {
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
