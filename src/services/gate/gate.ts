import { type AddressInfo, createServer, type Server } from "node:net";
import { type HostPort, listenAt } from "../../lib/listen.ts";
import { rtmpApplication } from "../../media/rtmp/rtmp-target.ts";
import { Publisher } from "./accepted-publisher.ts";
import { Reception, type StreamEnd } from "./camera-sessions.ts";
import { GateLog } from "./gate-log.ts";
import { type EndStatus, type GateStatus, type InputStatus, statusServer } from "./gate-status.ts";
import type { Input } from "./input.ts";
import { type GateLimits, gateLimits } from "./limits.ts";
import { listenWhenFree, type Obstacle, parseHostPort, parsePlace } from "./listening.ts";
import { StreamKeys } from "./stream-keys.ts";

const sumUpMs = 10_000;
const goodbyeMs = 500;

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
  /** unix:path or host:port for `/status` and `/metrics`. */
  readonly status?: string | undefined;
  /** ffmpeg's path, to measure how loud the sound is; without it nobody does. */
  readonly ffmpeg?: string | undefined;
  readonly say: (line: string) => void;
  readonly limits?: Partial<GateLimits>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** A gate that runs in this process. */
export interface Gate {
  /** The port for cameras. Resolves when it is listened on; rejects when it cannot be, or when the gate was stopped before. */
  readonly listening: Promise<number>;
  status(): GateStatus;
  /** Ends every connection; resolves within a second. */
  stop(): Promise<void>;
}

/** Starts a gate. Throws ConfigError for a bad seed, CliError for a bad address. */
export async function startGate(options: GateOptions): Promise<Gate> {
  const { listen, owncast, status } = options;
  const places = { listen: parseHostPort(listen, "--listen"), owncast: parseHostPort(owncast, "--owncast") };
  const gate = new RunningGate(options, places.owncast);
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
  readonly #reception: Reception;
  readonly #now: () => number;
  readonly #stopped = new AbortController();
  readonly #server: Server;
  #status: ReturnType<typeof statusServer> | undefined;
  readonly #summing: NodeJS.Timeout;

  constructor(options: GateOptions, owncast: HostPort) {
    const { seedFile, secrets, say, owncastUrl, now = () => performance.now() } = options;
    const log = new GateLog(say, now);
    this.#log = log;
    this.#now = now;
    this.keys = new StreamKeys(seedFile, secrets, (line) => log.say(line));
    const host = owncast.host.includes(":") ? `[${owncast.host}]` : owncast.host;
    this.#reception = new Reception({
      ...{ keys: this.keys, log, now, ffmpeg: options.ffmpeg },
      target: { ...owncast, address: `rtmp://${host}:${owncast.port}/${rtmpApplication}` },
      owncastUrl: owncastUrl.replace(/\/+$/, ""),
      limits: { ...gateLimits, ...options.limits },
    });
    this.#server = createServer((socket) => void this.#reception.receive(socket));
    // An address that cannot be accepted from at the moment, as when file descriptors run out, is no reason to end.
    this.#server.on("error", () => {});
    this.#summing = setInterval(() => log.sumUp(), sumUpMs);
  }

  async answerStatus(place: string): Promise<void> {
    this.#status = statusServer((isWatched) => this.#statusFor(isWatched));
    await listenAt(this.#status, parsePlace(place, "--status"), place);
  }

  listen(place: HostPort): void {
    const words: Readonly<Record<Obstacle, string>> = {
      taken: `port ${place.port} is held by another program: the gate takes it when it is free`,
      "no-address": `this machine has no address ${place.host} yet: the gate takes cameras there when it has`,
    };
    this.listening = listenWhenFree(this.#server, place, {
      signal: this.#stopped.signal,
      onObstacle: (obstacle) => this.#log.say(words[obstacle]),
    }).then(() => {
      const { port } = this.#server.address() as AddressInfo;
      this.#log.say(`taking cameras on port ${port}`);
      return port;
    });
    this.listening.catch(() => {});
  }

  status(): GateStatus {
    return this.#statusFor(false);
  }

  #statusFor(isWatched: boolean): GateStatus {
    const { inputs, refused, lastEnds } = this.#reception;
    const of = ([name, input]: [string, Input]) => {
      const end = lastEnds.get(name);
      return [name, { ...statusOf(input, isWatched), lastEnd: end ? endOf(end, this.#now()) : null }] as const;
    };
    return {
      listening: this.#server.listening,
      inputs: Object.fromEntries([...inputs].map(of)),
      refused: Object.fromEntries(refused),
    };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#summing);
    this.#server.close();
    this.#status?.close();
    this.#status?.closeAllConnections();
    await this.#reception.close(goodbyeMs);
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

function endOf({ key, address, atMs, onAirMs, why }: StreamEnd, now: number): EndStatus {
  const { reason = "camera", message = "its camera has ended it", remedy } = why ?? {};
  return {
    ...{ key, address, secondsAgo: seconds(now - atMs), onAirSeconds: seconds(onAirMs) },
    reason,
    says: message,
    remedy,
  };
}

function statusOf({ holder, waiting }: Input, isWatched: boolean): Omit<InputStatus, "lastEnd"> {
  if (!(holder instanceof Publisher) || !holder.isOnAir)
    return { publisher: null, waiting: waiting + (holder ? 1 : 0) };
  const { key, address, onAirMs, silentMs, kbps } = holder;
  const times = { sinceSeconds: seconds(onAirMs), silentSeconds: seconds(silentMs) };
  return { publisher: { key: key.name, address, ...times, kbps, stream: holder.stream(isWatched) }, waiting };
}
