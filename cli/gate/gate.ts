import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type RtmpTarget, rtmpApplication } from "../media/rtmp-target.ts";
import { plainAddress } from "./address.ts";
import { type Camera, greet } from "./camera.ts";
import { GateLog } from "./gate-log.ts";
import { Input } from "./input.ts";
import { type GateLimits, gateLimits } from "./limits.ts";
import { type HostPort, listenAt, listenWhenFree, parseHostPort, parsePlace } from "./listening.ts";
import { Lobby } from "./lobby.ts";
import { untilOwncastIsDone } from "./owncast.ts";
import { Publisher } from "./publisher.ts";
import { Refusal } from "./refusal.ts";
import { type GateStatus, statusServer } from "./status.ts";
import { mainInput, matchKey, type StreamKey, StreamKeys } from "./stream-keys.ts";
import { WrongKeys } from "./wrong-keys.ts";

const keepAliveMs = 5000;
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
  const { listen, owncast, owncastUrl, status } = options;
  const places = { listen: parseHostPort(listen, "--listen"), owncast: parseHostPort(owncast, "--owncast") };
  const gate = new RunningGate(options, places.owncast, owncastUrl.replace(/\/+$/, ""));
  await gate.keys.load();
  if (status !== undefined) await gate.answerStatus(status);
  gate.listen(places.listen);
  return gate;
}

class RunningGate implements Gate {
  readonly keys: StreamKeys;
  listening!: Promise<number>;
  readonly #limits: GateLimits;
  readonly #now: () => number;
  readonly #log: GateLog;
  readonly #target: RtmpTarget;
  readonly #owncastUrl: string;
  readonly #lobby: Lobby;
  readonly #wrongKeys: WrongKeys;
  readonly #inputs = new Map<string, Input>();
  readonly #refused = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #stopped = new AbortController();
  readonly #server = createServer((socket) => void this.#receive(socket));
  #status: ReturnType<typeof statusServer> | undefined;
  readonly #summing: NodeJS.Timeout;

  constructor(
    { seedFile, secrets, say, limits, now = () => performance.now() }: GateOptions,
    owncast: HostPort,
    url: string,
  ) {
    this.#limits = { ...gateLimits, ...limits };
    this.#now = now;
    this.#log = new GateLog(say, now);
    const host = owncast.host.includes(":") ? `[${owncast.host}]` : owncast.host;
    this.#target = { ...owncast, address: `rtmp://${host}:${owncast.port}/${rtmpApplication}` };
    this.#owncastUrl = url;
    this.keys = new StreamKeys(seedFile, secrets, (line) => this.#log.say(line));
    this.#lobby = new Lobby(this.#limits);
    this.#wrongKeys = new WrongKeys(now);
    this.#inputs.set(mainInput, new Input(this.#limits, now));
    this.#summing = setInterval(() => this.#log.sumUp(), sumUpMs);
    this.#server.on("error", () => {});
  }

  async answerStatus(place: string): Promise<void> {
    this.#status = statusServer(() => this.status());
    await listenAt(this.#status, parsePlace(place, "--status"), place);
  }

  listen(place: HostPort): void {
    const taken = `port ${place.port} is held by another program: the gate takes it when it is free`;
    this.listening = listenWhenFree(this.#server, place, {
      signal: this.#stopped.signal,
      onTaken: () => this.#log.say(taken),
    }).then(() => {
      const { port } = this.#server.address() as AddressInfo;
      this.#log.say(`taking cameras on port ${port}`);
      return port;
    });
    this.listening.catch(() => {});
  }

  status(): GateStatus {
    const inputs = [...this.#inputs].map(([name, input]) => [name, this.#statusOf(input)] as const);
    return {
      listening: this.#server.listening,
      inputs: Object.fromEntries(inputs),
      refused: Object.fromEntries(this.#refused),
    };
  }

  #statusOf({ holder, waiting }: Input): GateStatus["inputs"][string] {
    if (!(holder instanceof Publisher) || !holder.isOnAir())
      return { publisher: null, waiting: waiting + (holder ? 1 : 0) };
    const { key, address, onAirMs, kbps } = holder;
    const [sinceSeconds, silentSeconds] = [onAirMs, holder.silentMs()].map((ms) => Math.round(ms / 100) / 10);
    return {
      publisher: { key: key.name, address, sinceSeconds: sinceSeconds!, silentSeconds: silentSeconds!, kbps },
      waiting,
    };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#summing);
    this.#server.close();
    this.#status?.close();
    this.#status?.closeAllConnections();
    for (const socket of this.#sockets) socket.end();
    await Promise.race([this.#untilNobodyIsThere(), sleep(goodbyeMs)]);
    for (const socket of this.#sockets) socket.destroy();
  }

  async #untilNobodyIsThere(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => once(socket, "close").catch(() => {})));
  }

  async #receive(socket: Socket): Promise<void> {
    const address = plainAddress(socket.remoteAddress ?? "");
    socket.on("error", () => {});
    const visit = this.#lobby.enter(address, () => socket.destroy(crowded()));
    if (!visit || address === "") {
      socket.destroy();
      return this.#refuse(address, crowded());
    }
    this.#sockets.add(socket);
    socket.once("close", () => {
      visit.leave();
      this.#sockets.delete(socket);
    });
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    const patience = setTimeout(() => socket.destroy(tooSlow()), this.#limits.greetingMs);
    try {
      const camera = await greet(socket).finally(() => clearTimeout(patience));
      const key = await this.#keyOf(camera, address);
      visit.leave();
      await this.#publish(new Publisher({ camera, key, address, limits: this.#limits, now: this.#now }));
    } catch (error) {
      this.#failed(socket, address, error as Error);
    }
  }

  /** The key that a camera came with. Throws a Refusal, of which the camera has been told, after a while if it guesses. */
  async #keyOf(camera: Camera, address: string): Promise<StreamKey> {
    const delayMs = this.#wrongKeys.delayMs(address);
    if (delayMs === undefined) throw await toldOf(camera, tooManyWrongKeys());
    if (delayMs > 0) await Promise.race([sleep(delayMs), camera.connection.lost]);
    const key = matchKey(await this.keys.current(), camera.path, camera.name);
    if (key) return key;
    this.#wrongKeys.count(address);
    throw await toldOf(camera, new Refusal("wrong-key", "the stream key is wrong"));
  }

  async #publish(publisher: Publisher): Promise<void> {
    const { key, address, signal } = publisher;
    const input = this.#inputs.get(key.input) as Input;
    const who = `${key.name} (${address})`;
    try {
      await input.claim(publisher, signal);
      const wait = { url: this.#owncastUrl, endedMsAgo: input.releasedMsAgo, patienceMs: this.#limits.owncastMs };
      await untilOwncastIsDone({ ...wait, now: this.#now, signal });
      await publisher.publish(this.#target, () => this.#log.say(`${who} is on air`));
    } catch (error) {
      if (error instanceof Refusal) publisher.end(error);
      else if (!signal.aborted) throw error;
    } finally {
      input.release(publisher);
    }
    const wasOnAir = publisher.isOnAir() ? ` after ${Math.round(publisher.onAirMs / 1000)} s` : "";
    if (publisher.why) this.#refuse(address, publisher.why, `${key.name}: `, wasOnAir);
    else if (wasOnAir) this.#log.say(`${who} has ended its stream${wasOnAir}`);
    await publisher.leave();
  }

  #failed(socket: Socket, address: string, error: Error): void {
    socket.destroy();
    if (this.#stopped.signal.aborted) return;
    this.#refuse(address, error instanceof Refusal ? error : new Refusal("not-rtmp", error.message));
  }

  #refuse(address: string, { reason, message }: Refusal, who = "", after = ""): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    this.#log.refused(reason, `${who}${address} refused${after}: ${message}`);
  }
}

const crowded = (): Refusal => new Refusal("too-many-connections", "too many connections that do not publish");
const tooSlow = (): Refusal => new Refusal("too-slow", "it has not asked to publish in time");
const tooManyWrongKeys = (): Refusal =>
  new Refusal("too-many-wrong-keys", "too many wrong stream keys came from this address; try again in a minute");

async function toldOf(camera: Camera, refusal: Refusal): Promise<Refusal> {
  await camera.refuse(refusal.code, refusal.message);
  return refusal;
}
