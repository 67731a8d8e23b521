import { z } from "zod";
import { askSocket, type SocketRequest, type SocketResponse } from "../lib/ask-socket.ts";
import { codeOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { parseJson } from "../lib/parse-json.ts";

const count = z.int().nonnegative();
const kbps = z.number().nonnegative().nullable();

const edgeState = z.object({
  name: z.string(),
  url: z.string(),
  weight: count,
  /** `up`: it gets viewers. `drained`: it lives, and its viewers are sent elsewhere. `down`: it does not answer. */
  state: z.enum(["up", "drained", "down"]),
  /** Whether it is drained, also while it is down. */
  drained: z.boolean(),
  /** Players that said lately that they use it. */
  viewers: count,
  /** The median of the speeds that they measured; null if none said one. */
  kbps,
  fault: z.string().nullable(),
});
const steeringState = z.object({
  edges: z.array(edgeState),
  /** Players that steering sent to the stage's own server. */
  origin: z.object({ viewers: count, kbps }),
});

/** One edge, as the steering service sees it. */
export type EdgeState = z.output<typeof edgeState>;

/** The state of a stage's steering. */
export type SteeringState = z.output<typeof steeringState>;

// 32 edges have less than 20 kilobytes.
const mostBytes = 262_144;

/** Asks a stage's steering service for its state. Throws CliError 69 if there is no response in time, or not that service's. */
export async function readSteering(socket: string, seconds: number): Promise<SteeringState> {
  return stateIn(await ask(socket, { path: "/edges", method: "GET", seconds }), socket);
}

/** Drains an edge, or ends that; the state after it. Throws CliError 69, or 1 if the service cannot keep it. */
export async function setDrain(
  socket: string,
  edge: string,
  isDrained: boolean,
  seconds: number,
): Promise<SteeringState> {
  const method = isDrained ? "PUT" : "DELETE";
  const response = await ask(socket, { path: `/edges/${encodeURIComponent(edge)}/drain`, method, seconds });
  if (response.status === 500) throw new CliError(ExitCode.failed, response.text.trim(), "make room on the disk");
  return stateIn(response, socket);
}

async function ask(
  socketPath: string,
  options: Pick<SocketRequest, "path" | "method" | "seconds"> & { readonly method: string },
): Promise<SocketResponse> {
  return askSocket({ ...options, socketPath, mostBytes }).catch((error: Error) => {
    throw new CliError(
      ExitCode.unreachable,
      `the steering service does not respond at ${socketPath}: ${codeOf(error) || error.message}`,
      codeOf(error) === "EACCES"
        ? "run it as root"
        : "players stay where they are; see its journal: journalctl -u 'lectern-*-steer'",
    );
  });
}

function stateIn({ status, text }: SocketResponse, socket: string): SteeringState {
  const parsed = steeringState.safeParse(status === 200 ? parseJson(text) : undefined);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const reason = status === 200 ? `${issue?.path.join(".") || "it"}: ${issue?.message}` : `status ${status}`;
  throw new CliError(
    ExitCode.unreachable,
    `the steering service's response at ${socket} is not valid: ${reason}`,
    "the service and `lectern` have different versions: rebuild the host",
  );
}
