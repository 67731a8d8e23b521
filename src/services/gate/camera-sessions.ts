import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Place } from "../../lib/listen.ts";
import { plainAddress, WrongKeys } from "../../lib/strangers.ts";
import type { RtmpTarget } from "../../media/rtmp/rtmp-target.ts";
import type { HealthFinding } from "../../media/stream-health.ts";
import { AcceptedPublisher } from "./accepted-publisher.ts";
import { awaitPublish, type Camera } from "./camera-handshake.ts";
import type { GateLog } from "./gate-log.ts";
import { Input } from "./input.ts";
import { Interpreter } from "./interpreter.ts";
import type { GateLimits } from "./limits.ts";
import { waitUntilOwncastIsReady } from "./owncast-ready.ts";
import type { Publisher } from "./publisher.ts";
import { Refusal, refusalFor } from "./refusal.ts";
import { SoundSender } from "./sound-sender.ts";
import { UnpublishedConnections } from "./stranger-limits.ts";
import { mainInput, matchKey, type StreamKey, type StreamKeys } from "./stream-keys.ts";

const keepAliveMs = 5000;

export interface SessionOptions {
  readonly keys: StreamKeys;
  /** Owncast's RTMP server. */
  readonly target: RtmpTarget;
  /** Owncast's web address. */
  readonly owncastUrl: string;
  readonly limits: GateLimits;
  readonly log: GateLog;
  readonly now: () => number;
  /** The captions service, for interpreters' sound; undefined: interpreters are refused. */
  readonly captions: Place | undefined;
  /** ffmpeg's path, to measure how loud the sound is; undefined: it is not measured. */
  readonly ffmpeg: string | undefined;
}

const whoOf = ({ key, address }: Publisher): string => `${key.name} (${address})`;

/** The end of a stream. */
export interface StreamEnd {
  readonly key: string;
  readonly address: string;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly onAirMs: number;
  /** Why the gate ended it; undefined if the camera did. */
  readonly why: Refusal | undefined;
}

/** The cameras of a gate, each from its connection to the end of its stream. */
export class CameraSessions {
  readonly inputs: ReadonlyMap<string, Input>;
  /** By language: a place for one interpreter. */
  readonly interpreters = new Map<string, Input>();
  /** Cameras that were refused or ended, by reason. */
  readonly refused = new Map<string, number>();
  /** By input or language: how its last stream that was on air ended. */
  readonly lastEnds = new Map<string, StreamEnd>();
  readonly #options: SessionOptions;
  readonly #unpublished: UnpublishedConnections;
  readonly #wrongKeys: WrongKeys;
  readonly #sockets = new Set<Socket>();
  readonly #publishers = new Set<Publisher>();
  readonly #closing = new AbortController();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#unpublished = new UnpublishedConnections(options.limits);
    this.#wrongKeys = new WrongKeys(options.now);
    this.inputs = new Map([[mainInput, new Input(options.limits, options.now)]]);
  }

  /** Resolves when the camera has gone. */
  async receive(socket: Socket): Promise<void> {
    const address = plainAddress(socket.remoteAddress ?? "");
    socket.on("error", () => {});
    if (this.#isClosed) return void socket.destroy();
    const unpublished = this.#unpublished.enter(address, () => socket.destroy(crowded()));
    this.#sockets.add(socket);
    socket.once("close", () => {
      unpublished.leave();
      this.#sockets.delete(socket);
    });
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    const { limits } = this.#options;
    const timeout = setTimeout(() => socket.destroy(tooSlow()), limits.handshakeMs);
    try {
      const camera = await awaitPublish(socket).finally(() => clearTimeout(timeout));
      const key = await this.#keyOf(camera, address);
      unpublished.leave();
      if (key.interprets === undefined) await this.#receiveCamera(camera, key, address);
      else await this.#receiveInterpreter(camera, key, key.interprets, address);
    } catch (error) {
      this.#failed(socket, address, error as Error);
    }
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Tells publishers that the gate closes. Resolves when every connection is closed, after `goodbyeMs` at most. */
  async close(goodbyeMs: number): Promise<void> {
    this.#closing.abort();
    for (const publisher of this.#publishers) publisher.end(closing());
    const gone = [...this.#publishers].map((publisher) => publisher.leave());
    await within(goodbyeMs, Promise.allSettled(gone));
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The camera's key. Throws the Refusal that the camera was told; if it guesses, only after a delay. */
  async #keyOf(camera: Camera, address: string): Promise<StreamKey> {
    const key = matchKey(await this.#options.keys.current(), camera.path, camera.name);
    if (key) return key;
    camera.connection.ignore();
    const delayMs = this.#wrongKeys.count(address);
    if (delayMs === undefined) throw await refuse(camera, tooManyWrongKeys());
    await within(delayMs, camera.connection.lost, this.#closing.signal);
    throw await refuse(camera, new Refusal("wrong-key", "the stream key is wrong"));
  }

  async #receiveCamera(camera: Camera, key: StreamKey, address: string): Promise<void> {
    const { limits, now, ffmpeg, keys, log, owncastUrl: url, target } = this.#options;
    const input = this.inputs.get(mainInput) as Input;
    // Only a camera with a key can cause these lines, and each only once.
    const onFinding = ({ severity, id, says, remedy }: HealthFinding) =>
      log.say(`${key.name} (${address}): ${severity}: ${id}: ${says}; ${remedy}`);
    const video = keys.video;
    const publisher = new AcceptedPublisher({ camera, key, address, limits, now, ffmpeg, onFinding, video });
    const { signal } = publisher;
    await this.#publish(publisher, input, async () => {
      const times = { endedMsAgo: input.releasedMsAgo, patienceMs: limits.owncastMs, now };
      await waitUntilOwncastIsReady({ url, ...times, signal });
      await publisher.publish(target, () => log.say(`${whoOf(publisher)} is on air`));
    });
  }

  async #receiveInterpreter(camera: Camera, key: StreamKey, language: string, address: string): Promise<void> {
    const { limits, now, log, captions: place } = this.#options;
    if (!place) throw await refuse(camera, noCaptions());
    const input = this.interpreters.get(language) ?? new Input(limits, now);
    this.interpreters.set(language, input);
    const publisher = new Interpreter({ camera, key, address, limits, now });
    const who = whoOf(publisher);
    await this.#publish(publisher, input, async () => {
      const onFault = (why: string) => log.say(`${who}: the captions service does not take the sound: ${why}`);
      const onFlow = () => log.say(`${who}: the captions service takes the sound again`);
      const sender = new SoundSender({ place, language, onFault, onFlow });
      await publisher.publish(sender, () => log.say(`${who} is on air`));
    });
  }

  /** A publisher with a key: it goes on air when it has its input. */
  async #publish(publisher: Publisher, input: Input, goOnAir: () => Promise<void>): Promise<void> {
    const { signal } = publisher;
    this.#publishers.add(publisher);
    try {
      await input.claim(publisher, signal);
      await goOnAir();
    } catch (error) {
      if (!signal.aborted) publisher.end(refusalFor(error as Error));
    } finally {
      input.release(publisher);
    }
    this.#tellEnd(publisher);
    await publisher.leave();
    this.#publishers.delete(publisher);
  }

  #tellEnd(publisher: Publisher): void {
    const { log, now } = this.#options;
    const { why, onAirMs, isOnAir, key, address } = publisher;
    const who = whoOf(publisher);
    if (why) this.#count(why);
    if (isOnAir) this.lastEnds.set(key.interprets ?? mainInput, { key: key.name, address, atMs: now(), onAirMs, why });
    const what = why ? why.description : "the camera ended it";
    // Only a camera with a key gets on air, so these lines need no limit.
    if (isOnAir) log.say(`${who}: the stream ended after ${Math.round(onAirMs / 1000)} s: ${what}`);
    else log.refused(why?.reason ?? "gone", why ? `${who} refused: ${what}` : `${who} went away while it waited`);
  }

  #failed(socket: Socket, address: string, error: Error): void {
    // A port scan or a health check sends nothing: no need to log it.
    const hasSpoken = socket.bytesRead > 0 || error instanceof Refusal;
    socket.destroy();
    if (this.#isClosed || !hasSpoken) return;
    const refusal = refusalFor(error);
    this.#count(refusal);
    this.#options.log.refused(refusal.reason, `${address} refused: ${refusal.message}`);
  }

  #count({ reason }: Refusal): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }
}

const crowded = (): Refusal => new Refusal("too-many-connections", "too many connections that do not publish");
const noCaptions = (): Refusal =>
  new Refusal(
    "no-captions",
    "this server does not pass interpreters' sound on",
    "NetStream.Publish.Denied",
    "give `lectern gate` the option --captions with the address of the captions service",
  );
const tooSlow = (): Refusal => new Refusal("too-slow", "it has not asked to publish in time");
const closing = (): Refusal => new Refusal("closing", "the server restarts; connect again", "NetStream.Publish.Failed");
const tooManyWrongKeys = (): Refusal =>
  new Refusal("too-many-wrong-keys", "the stream key is wrong, and too many wrong ones came from this address");

/** Waits until `event` settles, the time is over or `signal` aborts. Leaves no timer behind. */
async function within(ms: number, event: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  const happened = new AbortController();
  const happen = () => happened.abort();
  void event.then(happen, happen);
  signal?.addEventListener("abort", happen, { once: true });
  if (signal?.aborted) happen();
  await sleep(ms, undefined, { signal: happened.signal }).catch(() => {});
  signal?.removeEventListener("abort", happen);
}

async function refuse(camera: Camera, refusal: Refusal): Promise<Refusal> {
  await camera.refuse(refusal.code, refusal.description);
  return refusal;
}
