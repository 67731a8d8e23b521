import { z } from "zod";
import { askSocket } from "../lib/ask-socket.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { parseJson } from "../lib/parse-json.ts";
import { asRoot } from "./installed-stages.ts";

const count = z.int().nonnegative();
// JSON has no infinity: null is digital silence.
const level = z
  .number()
  .nullable()
  .transform((dbfs) => dbfs ?? Number.NEGATIVE_INFINITY)
  .optional();
const amount = z.number().nonnegative().optional();
const streamCheck = z.object({
  facts: z.object({
    videoCodec: z.string().nullable().optional(),
    ...{ profileIdc: amount, chromaFormatIdc: amount, bitDepth: amount, width: amount, height: amount },
    interlaced: z.boolean().optional(),
    ...{ fps: amount, videoKbps: amount },
    keyframeSeconds: z.object({ median: z.number(), longest: z.number() }).optional(),
    audioCodec: z.string().nullable().optional(),
    ...{ audioKbps: amount, sampleRate: amount, channels: amount },
    loudestDbfs: level,
    speed: z.number().optional(),
    heldUp: amount,
  }),
  /** Peak of the last sample of sound, in dBFS. */
  levelDbfs: level,
  findings: z.array(
    z.object({ id: z.string(), severity: z.enum(["error", "warning"]), says: z.string(), remedy: z.string() }),
  ),
});
const streamEnd = z.object({
  key: z.string(),
  address: z.string(),
  secondsAgo: z.number().nonnegative(),
  onAirSeconds: z.number().nonnegative(),
  /** Why, in one word; `camera`: its camera ended it. */
  reason: z.string(),
  says: z.string(),
  remedy: z.string().optional(),
});
const connection = z.object({
  /** The comment of the stream key, else its secret's name. */
  key: z.string(),
  address: z.string(),
  sinceSeconds: z.number().nonnegative(),
  /** How long ago the last audio or video came. */
  silentSeconds: z.number().nonnegative(),
  kbps: z.number().nonnegative(),
});
const interpreter = z.object({
  publisher: connection
    .extend({
      sound: z.object({
        sampleRate: amount,
        /** Whether the captions service takes it. */
        flowing: z.boolean(),
        /** Sound that the captions service did not get. */
        droppedSeconds: z.number().nonnegative(),
      }),
    })
    .nullable(),
  waiting: count,
  lastEnd: streamEnd.nullable().optional(),
});
const gateState = z.object({
  /** False while another program has its port: an Owncast that was started before the host had a gate. */
  listening: z.boolean(),
  /** By the name of the input that a key selects. */
  inputs: z.record(
    z.string(),
    z.object({
      publisher: connection
        .extend({
          // Absent from the state of a gate that is older than the camera check.
          stream: streamCheck.optional(),
        })
        .nullable(),
      /** Publishers that the gate holds until Owncast can take them. */
      waiting: count,
      lastEnd: streamEnd.nullable().optional(),
    }),
  ),
  /** By language; absent from the state of a gate that is older than interpreters. */
  interpreters: z.record(z.string(), interpreter).optional(),
  /** How many publishers were refused since the gate started, by reason. */
  refused: z.record(z.string(), count),
});

/** A gate's state. It never holds a key's value. */
export type GateState = z.output<typeof gateState>;

/** An interpreter's place at a gate. */
export type InterpreterState = z.output<typeof interpreter>;

/** A gate's facts about the stream that passes through it. */
export type StreamCheck = z.output<typeof streamCheck>;

/** The end of the last stream through a gate. */
export type StreamEnd = z.output<typeof streamEnd>;

// A publisher that sends nothing for less than this may just have a slow camera.
export const silentForSeconds = 2;

// A state has less than a kilobyte.
const mostBytes = 65_536;

/** Asks a gate at its socket. Throws CliError 69 if there is no response in time, or not a gate's. */
export async function readGate(socket: string, deadlineSeconds: number): Promise<GateState> {
  const text = await ask(socket, deadlineSeconds).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code ?? error.message;
    const remedy = error.code === "EACCES" ? asRoot : "see its journal: journalctl -u 'lectern-*-gate'";
    throw new CliError(ExitCode.unreachable, `the gate does not respond at ${socket}: ${reason}`, remedy);
  });
  const parsed = gateState.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(
    ExitCode.unreachable,
    `the gate's response at ${socket} is not valid: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
    "gate and `lectern` have different versions; the gate restarts by itself when nothing is on air",
  );
}

async function ask(socketPath: string, seconds: number): Promise<string> {
  const { status, text } = await askSocket({ socketPath, path: "/status", seconds, mostBytes });
  if (status !== 200) throw new Error(`status ${status}`);
  return text;
}
