import { setTimeout as sleep } from "node:timers/promises";
import { type AdtsFormat, adtsFrame, readSoundSetUp, samplesPerFrame } from "../../media/adts.ts";
import { flvType } from "../../media/flv.ts";
import { readAudioTag } from "../../media/flv-codecs.ts";
import { rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import { codecName } from "../../media/stream-health.ts";
import { commandName, goodbyes } from "./camera-handshake.ts";
import { afterPublish } from "./limits.ts";
import { forwardedTags } from "./media-messages.ts";
import { Publisher, type PublisherOptions } from "./publisher.ts";
import { Refusal, refusalFor } from "./refusal.ts";
import type { SoundSender } from "./sound-sender.ts";

/** What an interpreter may send, the picture included: a generous camera's rate. A faster one is read more slowly. */
const mostBytesPerSecond = 2.5 * 1024 * 1024;
/** The work for a message besides its bytes. */
const messageCost = 256;
/** How far sound may run ahead of the clock: a network that stood still sends everything at once. */
const mostAheadSeconds = 15;
const setUpPacket = 0;
const soundHeaderBytes = 2;

/** The sound that an interpreter sends, and what became of it. */
export interface SoundState {
  /** Samples per second; undefined before any sound. */
  readonly sampleRate: number | undefined;
  /** Whether the captions service takes it. */
  readonly flowing: boolean;
  /** Sound that the captions service did not get. */
  readonly droppedSeconds: number;
}

/** An interpreter with a valid key: its sound goes to the captions service, its picture nowhere. */
export class Interpreter extends Publisher {
  #format: AdtsFormat | undefined;
  #sender: SoundSender | undefined;
  #allowance = mostBytesPerSecond;
  #allowedAt = 0;
  #soundSeconds = 0;
  #hasRunAhead = 0;

  constructor(options: PublisherOptions) {
    super(options);
    this.#allowedAt = this.now();
  }

  get sound(): SoundState {
    const sampleRate = this.#format?.sampleRate;
    const frames = this.#hasRunAhead + (this.#sender?.droppedFrames ?? 0);
    const droppedSeconds = sampleRate === undefined ? 0 : Math.round((frames * samplesPerFrame * 10) / sampleRate) / 10;
    return { sampleRate, flowing: this.#sender?.isFlowing ?? false, droppedSeconds };
  }

  /** Accepts the interpreter and passes its sound on until it goes. */
  async publish(sender: SoundSender, onAccepted: () => void): Promise<void> {
    this.#sender = sender;
    try {
      this.startCounting();
      this.camera.connection.allow(afterPublish);
      await this.camera.accept();
      onAccepted();
      await this.#relay(sender);
    } catch (error) {
      this.end(refusalFor(error as Error));
    } finally {
      this.stopCounting();
      sender.end();
    }
  }

  protected override endSilent(idleMs: number): Refusal {
    return new Refusal(
      "silent",
      `no sound for ${idleMs / 1000} s`,
      "NetStream.Publish.Failed",
      "add the microphone as an audio source, and check the network",
    );
  }

  async #relay(sender: SoundSender): Promise<void> {
    for (;;) {
      const message = await this.camera.connection.receive();
      const { type, payload } = message;
      await this.#pace(payload.length + messageCost);
      if (this.signal.aborted && this.why) return;
      if (type === rtmpType.command || type === rtmpType.commandAmf3) {
        if (goodbyes.includes(commandName(message) ?? "")) return this.goneByItself();
        continue;
      }
      for (const tag of forwardedTags(message)) {
        this.count(tag.data.length, tag.type === flvType.audio);
        if (tag.type === flvType.audio) this.#take(tag.data, sender);
      }
    }
  }

  /** Reads no faster than allowed: neither the gate's other publishers nor its memory notice a flood. */
  async #pace(cost: number): Promise<void> {
    const now = this.now();
    const refilled = ((now - this.#allowedAt) / 1000) * mostBytesPerSecond;
    this.#allowance = Math.min(mostBytesPerSecond, this.#allowance + refilled) - cost;
    this.#allowedAt = now;
    if (this.#allowance >= 0) return;
    this.isHeldUp = true;
    await sleep((-this.#allowance / mostBytesPerSecond) * 1000, undefined, { signal: this.signal }).catch(() => {});
    this.isHeldUp = false;
  }

  /** A packet of sound, or the set-up of its decoder. Throws a Refusal if captions cannot take it. */
  #take(data: Buffer, sender: SoundSender): void {
    const { codec, isSound } = readAudioTag(data);
    if (codec !== "aac")
      throw unsupported(codec === undefined ? "sound of an unknown kind" : `${codecName(codec)} as sound`);
    const bytes = data.subarray(soundHeaderBytes);
    if (data[1] === setUpPacket) {
      const format = readSoundSetUp(bytes);
      if (typeof format === "string") throw unsupported(format);
      this.#format = format;
      return;
    }
    // Sound before its set-up cannot be decoded; encoders send the set-up first.
    if (!isSound || !this.#format || bytes.length === 0) return;
    const frame = adtsFrame(this.#format, bytes);
    if (!frame) throw unsupported("sound packets that are longer than AAC's");
    this.#soundSeconds += samplesPerFrame / this.#format.sampleRate;
    if (this.#soundSeconds - this.onAirMs / 1000 > mostAheadSeconds) {
      this.#soundSeconds -= samplesPerFrame / this.#format.sampleRate;
      this.#hasRunAhead += 1;
    } else sender.send(frame);
  }
}

const unsupported = (what: string): Refusal =>
  new Refusal(
    "unsupported-codec",
    `the interpreter sends ${what}: captions take AAC-LC only`,
    "NetStream.Publish.Failed",
    "choose AAC (AAC-LC) as the audio encoder; OBS's own choice is right",
  );
