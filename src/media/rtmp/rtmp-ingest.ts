import { connectionError } from "../../lib/connection-error.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { withinSeconds } from "../../lib/time-limit.ts";
import { type FlvTag, flvType } from "../flv.ts";
import { type AmfObject, type AmfValue, decodeAmf, encodeAmf } from "./amf0.ts";
import type { RtmpConnection } from "./rtmp-connection.ts";
import { dial, openRtmp } from "./rtmp-handshake.ts";
import { type RtmpMessage, rtmpType } from "./rtmp-messages.ts";
import { type RtmpTarget, rtmpApplication } from "./rtmp-target.ts";

/** A stream that the server has accepted. */
export interface Ingest {
  /** Sends one tag. Resolves when the network can take the next. Rejects when the connection is lost. */
  send(tag: FlvTag): Promise<void>;
  /** Rejects, with the reason, when the connection ends; never resolves. */
  readonly lost: Promise<never>;
  /** The server's own reason for ending the stream, if it sent one. */
  lastWords(): string | undefined;
  /** Tells the server that the stream ends, and closes the connection. */
  end(): Promise<void>;
}

/** The address and the stream key to publish with. */
export interface IngestOptions {
  readonly target: RtmpTarget;
  readonly streamKey: string;
  /** From the connection until the server has accepted the stream. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

const channels = { command: 3, audio: 4, video: 6 } as const;

/**
 * Connects and publishes. Throws CliError: 69 if no RTMP server answers in time, 77 if the server refuses the stream. The key is
 * sent to the server and appears nowhere else.
 */
export async function openIngest({ target, streamKey, timeoutSeconds, signal }: IngestOptions): Promise<Ingest> {
  const late = `no answer within ${timeoutSeconds} s`;
  const unreachable = (reason: string, cause: unknown): CliError =>
    new CliError(ExitCode.unreachable, `${target.address}: ${reason}`, "is it Owncast's RTMP port?", { cause });
  return withinSeconds(timeoutSeconds, signal, async (both) => {
    const isLate = () => both.aborted && !signal.aborted;
    const tcp = await dial(target.host, target.port, both).catch((error: Error) => {
      throw connectionError(target.address, isLate() ? late : error);
    });
    const abort = () => void tcp.destroy();
    both.addEventListener("abort", abort, { once: true });
    try {
      const socket = await openRtmp(tcp).catch((error: Error) => {
        throw unreachable(`it does not speak RTMP (${error.message})`, error);
      });
      return await publish(socket, target, streamKey);
    } catch (error) {
      tcp.destroy();
      if (isLate()) throw unreachable(late, error);
      throw error instanceof CliError ? error : refusal(target, error instanceof Refused ? error.message : "");
    } finally {
      both.removeEventListener("abort", abort);
    }
  });
}

/** The server refused; the message is its status code. */
class Refused extends Error {}

const refusal = ({ address }: RtmpTarget, words: string): CliError =>
  new CliError(
    ExitCode.refused,
    `${address}: the server refused the stream${words ? ` (${words})` : ""}: the stream key is wrong, or another publisher is on air`,
    "compare the key in --stream-key-file with the stage's, and check whether the stage is live already",
  );

async function publish(socket: RtmpConnection, target: RtmpTarget, streamKey: string): Promise<Ingest> {
  const command = (streamId: number, ...values: AmfValue[]) =>
    socket.send({ type: rtmpType.command, streamId, timestampMs: 0, payload: encodeAmf(...values) }, channels.command);
  await command(0, "connect", 1, {
    app: rtmpApplication,
    type: "nonprivate",
    flashVer: "FMLE/3.0",
    tcUrl: target.address,
  });
  await resultOf(socket, 1);
  await command(0, "releaseStream", 2, null, streamKey);
  await command(0, "FCPublish", 3, null, streamKey);
  await command(0, "createStream", 4, null);
  const streamId = Number(await resultOf(socket, 4));
  await command(streamId, "publish", 5, null, streamKey, rtmpApplication);
  await publishStarted(socket);
  let words: string | undefined;
  const listening = async (): Promise<never> => {
    for (;;) words = reasonIn(await socket.receive(), streamKey) ?? words;
  };
  // Rejects when the connection ends, after every message of the server was read.
  const lost = listening();
  lost.catch(() => {});
  return {
    lost,
    lastWords: () => words,
    async send({ type, timestampMs, data }) {
      const described = type === flvType.script;
      const payload = described ? Buffer.concat([encodeAmf("@setDataFrame"), data]) : data;
      const message = { type: described ? rtmpType.data : type, streamId, timestampMs, payload };
      await socket.send(message, type === flvType.audio ? channels.audio : channels.video);
    },
    async end() {
      // Not awaited: a blocked network must not delay the end.
      command(0, "FCUnpublish", 6, null, streamKey).catch(() => {});
      command(0, "deleteStream", 7, null, streamId).catch(() => {});
      await socket.end();
    },
  };
}

/** Waits for the response to a command. Resolves to its result. */
async function resultOf(socket: RtmpConnection, transaction: number): Promise<AmfValue> {
  for (;;) {
    const [name, id, , result] = decodeAmf((await socket.receive()).payload);
    if (id !== transaction) continue;
    if (name === "_error") throw new Refused(codeOf(result));
    if (name === "_result") return result;
  }
}

/** Waits until the server accepts the stream. */
async function publishStarted(socket: RtmpConnection): Promise<void> {
  for (;;) {
    const [name, , , info] = decodeAmf((await socket.receive()).payload);
    if (name === "_error") throw new Refused(codeOf(info));
    if (name !== "onStatus") continue;
    if (codeOf(info) === "NetStream.Publish.Start") return;
    throw new Refused(codeOf(info));
  }
}

/** The description of a status that is an error. */
function reasonIn({ payload }: RtmpMessage, streamKey: string): string | undefined {
  const [name, , , info] = decodeAmf(payload);
  const { level, description } = (typeof info === "object" && info !== null ? info : {}) as AmfObject;
  return name === "onStatus" && level === "error" ? serverWords(description, streamKey) : undefined;
}

/** A status' code, such as NetStream.Publish.BadName. Its free text is left out, since it may repeat the key. */
function codeOf(info: AmfValue): string {
  const { code } = (typeof info === "object" && info !== null ? info : {}) as AmfObject;
  return typeof code === "string" && /^[\w.]{1,80}$/.test(code) ? code : "";
}

const mostCharacters = 400;

/** A server's reason as one line without control characters. Undefined if it gives none, or repeats the stream key. */
export function serverWords(text: unknown, streamKey: string): string | undefined {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  if ([streamKey, encodeURIComponent(streamKey)].some((key) => text.includes(key))) return undefined;
  return text
    .trim()
    .slice(0, mostCharacters)
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "·");
}
