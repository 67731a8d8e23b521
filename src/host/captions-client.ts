import { z } from "zod";
import { askSocket } from "../lib/ask-socket.ts";
import { codeOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readPlace } from "../lib/listen.ts";
import { parseJson } from "../lib/parse-json.ts";
import { asRoot } from "./installed-stages.ts";

const count = z.int().nonnegative();

const captionTrack = z.object({
  language: z.string(),
  /** What viewers see. */
  name: z.string(),
  source: z.string(),
  /** Whether players are offered the track. */
  ready: z.boolean(),
  /** Why they are not. */
  fault: z.string().optional(),
  /** Words in captions since the service began. */
  words: count,
  /** Words that came after the deadline of their own segment. */
  lateWords: count,
  /** Where its text goes to be translated. */
  goesTo: z.string().optional(),
});
const captionsState = z.object({
  onAir: z.boolean(),
  /** Segments by which captions follow the picture. */
  trailSegments: count,
  tracks: z.array(captionTrack),
  /** Faults that the service outlasts, by kind. */
  faults: z.record(
    z.string(),
    z.object({
      count,
      /** Why it lasts; absent when it is over. */
      reason: z.string().optional(),
    }),
  ),
});

/** The captions of a stage, as their service sees them. */
export type CaptionsState = z.output<typeof captionsState>;

/** One of its tracks. */
export type CaptionTrackState = CaptionsState["tracks"][number];

// Eight tracks have less than ten kilobytes.
const mostBytes = 65_536;

/** Asks a stage's captions service, at host:port or unix:<path>. Throws CliError 69 if there is no response in time, or not that service's. */
export async function readCaptionsState(address: string, seconds: number): Promise<CaptionsState> {
  const text = await ask(address, seconds).catch((error: Error) => {
    throw new CliError(
      ExitCode.unreachable,
      `the captions service does not respond at ${address}: ${codeOf(error) || error.message}`,
      codeOf(error) === "EACCES"
        ? asRoot
        : "the picture goes on without captions; see its journal: journalctl -u 'lectern-*-captions'",
    );
  });
  const parsed = captionsState.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(
    ExitCode.unreachable,
    `the captions service's response at ${address} is not valid: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
    "the service and `lectern` have different versions: rebuild the host",
  );
}

async function ask(address: string, seconds: number): Promise<string> {
  const place = readPlace(address);
  if (!place) throw new Error("it is no address: expected host:port or unix:<path>");
  const where = "path" in place ? { socketPath: place.path } : place;
  const { status, text } = await askSocket({ ...where, path: "/status", seconds, mostBytes });
  if (status !== 200) throw new Error(`status ${status}`);
  return text;
}
