import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import {
  cannotListen,
  type HostPort,
  listen,
  listenAt,
  type Place,
  readHostPort,
  readPlace,
} from "../../lib/listen.ts";
import { rtmpApplication } from "../../media/rtmp/rtmp-target.ts";
import { AcceptedPublisher } from "./accepted-publisher.ts";
import { CameraSessions, type StreamEnd } from "./camera-sessions.ts";
import { GateLog } from "./gate-log.ts";
import {
  type ConnectionStatus,
  type EndStatus,
  type GateStatus,
  type InputStatus,
  type InterpreterStatus,
  statusServer,
} from "./gate-status.ts";
import type { Input } from "./input.ts";
import { Interpreter } from "./interpreter.ts";
import { type GateLimits, gateLimits } from "./limits.ts";
import type { Publisher } from "./publisher.ts";
import { StreamKeys } from "./stream-keys.ts";

const sumUpMs = 10_000;
const goodbyeMs = 500;
const retryMs = 1000;

export interface GateOptions {
  /** host:port for cameras; port 0 takes any. */
  readonly listen: string;
  /** host:port of Owncast's RTMP server. */
  readonly owncast: string;
  /** Owncast's web address. */
  readonly owncastUrl: string;
  readonly seedFile: string;
  /** A folder with a file for each stream key. */
  readonly secrets: string;
  /** unix:path or host:port of the captions service, for interpreters' sound; without it they are refused. */
  readonly captions?: string | undefined;
  /** unix:path or host:port for `/status` and `/metrics`. */
  readonly status?: string | undefined;
  /** ffmpeg's path, to measure how loud the sound is; undefined: it is not measured. */
  readonly ffmpeg?: string | undefined;
  readonly say: (line: string) => void;
  readonly limits?: Partial<GateLimits>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** A gate that runs in this process. */
export interface Gate {
  /** Resolves to the port for cameras when the gate listens; rejects if it cannot, or if it was stopped before. */
  readonly listening: Promise<number>;
  status(): GateStatus;
  /** Ends every connection; resolves within a second. */
  stop(): Promise<void>;
}

/** Starts a gate. Throws ConfigError for a bad seed, CliError for a bad address. */
export async function startGate(options: GateOptions): Promise<Gate> {
  const { listen, owncast, status, captions } = options;
  const places = {
    captions: captions === undefined ? undefined : parsePlace(captions, "--captions"),
    listen: parseHostPort(listen, "--listen"),
    owncast: parseHostPort(owncast, "--owncast"),
  };
  const gate = new RunningGate(options, places);
  try {
    await gate.keys.load();
    if (status !== undefined) await gate.answerStatus(status);
  } catch (error) {
    await gate.stop();
    throw error;
  }
  gate.listen(places.listen);
  return gate;
}

class RunningGate implements Gate {
  readonly keys: StreamKeys;
  listening!: Promise<number>;
  readonly #log: GateLog;
  readonly #sessions: CameraSessions;
  readonly #now: () => number;
  readonly #stopped = new AbortController();
  readonly #server: Server;
  #status: ReturnType<typeof statusServer> | undefined;
  readonly #summing: NodeJS.Timeout;

  constructor(options: GateOptions, { owncast, captions }: { owncast: HostPort; captions: Place | undefined }) {
    const { seedFile, secrets, say, owncastUrl, now = () => performance.now() } = options;
    const log = new GateLog(say, now);
    this.#log = log;
    this.#now = now;
    this.keys = new StreamKeys(seedFile, secrets, (line) => log.say(line));
    const host = owncast.host.includes(":") ? `[${owncast.host}]` : owncast.host;
    this.#sessions = new CameraSessions({
      ...{ keys: this.keys, log, now, captions, ffmpeg: options.ffmpeg },
      target: { ...owncast, address: `rtmp://${host}:${owncast.port}/${rtmpApplication}` },
      owncastUrl: owncastUrl.replace(/\/+$/, ""),
      limits: { ...gateLimits, ...options.limits },
    });
    this.#server = createServer((socket) => void this.#sessions.receive(socket));
    // A failed accept, as when file descriptors run out, must not end the gate.
    this.#server.on("error", () => {});
    this.#summing = setInterval(() => log.sumUp(), sumUpMs);
  }

  async answerStatus(place: string): Promise<void> {
    this.#status = statusServer((isWatched) => this.#statusFor(isWatched));
    await listenAt(this.#status, parsePlace(place, "--status"), place);
  }

  listen(place: HostPort): void {
    this.listening = listenWhenFree(this.#server, place, {
      signal: this.#stopped.signal,
      onObstacle: (why) => this.#log.say(why),
    }).then(() => {
      const { port } = this.#server.address() as AddressInfo;
      this.#log.say(`accepting cameras on port ${port}`);
      return port;
    });
    this.listening.catch(() => {});
  }

  status(): GateStatus {
    return this.#statusFor(false);
  }

  #statusFor(isWatched: boolean): GateStatus {
    const { inputs, interpreters, refused, lastEnds } = this.#sessions;
    const lastEnd = (name: string) => {
      const end = lastEnds.get(name);
      return end ? endOf(end, this.#now()) : null;
    };
    const of = ([name, input]: [string, Input]) =>
      [name, { ...statusOf(input, isWatched), lastEnd: lastEnd(name) }] as const;
    const ofInterpreter = (language: string) =>
      [language, { ...interpreterStatusOf(interpreters.get(language)), lastEnd: lastEnd(language) }] as const;
    const languages = new Set([...this.keys.languages, ...interpreters.keys()]);
    return {
      listening: this.#server.listening,
      inputs: Object.fromEntries([...inputs].map(of)),
      interpreters: Object.fromEntries([...languages].map(ofInterpreter)),
      refused: Object.fromEntries(refused),
    };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#summing);
    this.#server.close();
    this.#status?.close();
    this.#status?.closeAllConnections();
    await this.#sessions.close(goodbyeMs);
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

function endOf({ key, address, atMs, onAirMs, why }: StreamEnd, now: number): EndStatus {
  const { reason = "camera", message = "the camera ended it", remedy } = why ?? {};
  return {
    ...{ key, address, secondsAgo: seconds(now - atMs), onAirSeconds: seconds(onAirMs) },
    reason,
    says: message,
    remedy,
  };
}

function statusOf({ holder, waiting }: Input, isWatched: boolean): Omit<InputStatus, "lastEnd"> {
  if (!(holder instanceof AcceptedPublisher) || !holder.isOnAir)
    return { publisher: null, waiting: waiting + (holder ? 1 : 0) };
  return { publisher: { ...connectionOf(holder), stream: holder.stream(isWatched) }, waiting };
}

function interpreterStatusOf(input: Input | undefined): Omit<InterpreterStatus, "lastEnd"> {
  const { holder, waiting = 0 } = input ?? {};
  if (!(holder instanceof Interpreter) || !holder.isOnAir)
    return { publisher: null, waiting: waiting + (holder ? 1 : 0) };
  return { publisher: { ...connectionOf(holder), sound: holder.sound }, waiting };
}

function connectionOf({ key, address, onAirMs, silentMs, kbps }: Publisher): ConnectionStatus {
  return { key: key.name, address, sinceSeconds: seconds(onAirMs), silentSeconds: seconds(silentMs), kbps };
}

/** Reads `host:port`, given to `option`. Throws CliError 64. */
const parseHostPort = (text: string, option: string): HostPort =>
  readHostPort(text) ?? notA("host:port, such as 127.0.0.1:1935 or [::]:1935", text, option);

/** Reads `host:port` or `unix:<path>`, given to `option`. Throws CliError 64. */
const parsePlace = (text: string, option: string): Place =>
  readPlace(text) ?? notA("host:port or unix:<path>", text, option);

function notA(expected: string, text: string, option: string): never {
  throw new CliError(ExitCode.usage, `${option} ${text}: expected ${expected}`);
}

/**
 * Listens as soon as it can. An Owncast of before holds the port until its stream has ended, and the machine may get its address
 * later. `onObstacle` is called once for each of these. Throws CliError 1 for any other error.
 */
export async function listenWhenFree(
  server: Server,
  { host, port }: HostPort,
  { signal, onObstacle }: { signal: AbortSignal; onObstacle: (why: string) => void },
): Promise<void> {
  let place: HostPort = { host, port };
  const obstacles: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is used by another program: the gate waits until it is free`,
    EADDRNOTAVAIL: `this machine has no address ${host} yet: the gate waits for it`,
  };
  const told = new Set<string>();
  for (;;) {
    try {
      return await listen(server, place);
    } catch (error) {
      const code = codeOf(error);
      // A machine without IPv6.
      if (place.host === "::" && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) {
        place = { host: "0.0.0.0", port };
        continue;
      }
      const obstacle = obstacles[code];
      if (obstacle === undefined)
        throw cannotListen(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, error as Error);
      if (!told.has(obstacle)) onObstacle(obstacle);
      told.add(obstacle);
    }
    await sleep(retryMs, undefined, { signal });
  }
}
