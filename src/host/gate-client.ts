import { request } from "node:http";
import { z } from "zod";
import { CliError, ExitCode } from "../lib/errors.ts";
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
const gateState = z.object({
  /** False while another program holds its port: an Owncast of before the gate, whose stream goes on. */
  listening: z.boolean(),
  /** By the name of the input that a key leads to. */
  inputs: z.record(
    z.string(),
    z.object({
      publisher: z
        .object({
          /** The comment of the stream key, else its secret's name. */
          key: z.string(),
          address: z.string(),
          sinceSeconds: z.number().nonnegative(),
          /** How long ago the last audio or video came. */
          silentSeconds: z.number().nonnegative(),
          kbps: z.number().nonnegative(),
          // Absent in the state of a gate from before the camera check.
          stream: streamCheck.optional(),
        })
        .nullable(),
      /** Publishers that the gate holds until Owncast can take them. */
      waiting: count,
      lastEnd: streamEnd.nullable().optional(),
    }),
  ),
  /** How many publishers were refused since the gate started, by reason. */
  refused: z.record(z.string(), count),
});

/** What a gate says of itself; never a key's value. */
export type GateState = z.output<typeof gateState>;

/** What a gate knows of the stream that goes through it. */
export type StreamCheck = z.output<typeof streamCheck>;

/** How a gate's last stream ended. */
export type StreamEnd = z.output<typeof streamEnd>;

// A state is below a kilobyte.
const mostBytes = 65_536;

/** Asks a gate at its socket. Throws CliError 69 when it does not answer in time, or not as a gate does. */
export async function readGate(socket: string, deadlineSeconds: number): Promise<GateState> {
  const text = await ask(socket, AbortSignal.timeout(deadlineSeconds * 1000)).catch((error: NodeJS.ErrnoException) => {
    const reason = error.name === "AbortError" ? `nothing within ${deadlineSeconds} s` : (error.code ?? error.message);
    const remedy = error.code === "EACCES" ? asRoot : "see its journal: journalctl -u 'lectern-*-gate'";
    throw new CliError(ExitCode.unreachable, `the gate does not answer at ${socket}: ${reason}`, remedy);
  });
  const parsed = gateState.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(
    ExitCode.unreachable,
    `the gate's answer at ${socket} is not a gate's: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
    "gate and `lectern` are of different versions until the gate restarts; it does so once nothing is on air",
  );
}

async function ask(socketPath: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: "/status", agent: false, signal });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.once("error", reject);
      answer.on("data", (part: string) => {
        text += part;
        if (text.length > mostBytes) answer.destroy(new Error(`more than ${mostBytes} bytes`));
      });
      answer.once("end", () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`status ${answer.statusCode}`)),
      );
    });
    sent.end();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
