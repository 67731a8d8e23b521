import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { languagePattern } from "../../lib/captions-tracks.ts";
import { reasonOf } from "../../lib/error-cause.ts";
import { listenAt } from "../../lib/listen.ts";
import { AdtsFault, AdtsReader, samplesPerFrame } from "../../media/adts.ts";
import { type InterpreterInput, soundRate } from "./interpreter-source.ts";
import { placeOf } from "./place.ts";
import type { CaptionsServer } from "./push-server.ts";
import { type SoundDecoder, startDecoder } from "./sound-decoder.ts";

const limits = { requestTimeout: 0, headersTimeout: 5000, keepAliveTimeout: 5000, maxHeaderSize: 8192 };
const mostConnections = 32;
/** The gate ends interpreters that are silent for so long; a gate that is gone without a word is noticed here. */
const silentForMs = 20_000;
const path = new RegExp(`^/inputs/(${languagePattern})$`);

export interface InputsServerOptions {
  /** host:port or unix:<path>, for the gate alone. */
  readonly address: string;
  readonly inputs: ReadonlyMap<string, InterpreterInput>;
  /** ffmpeg's path. */
  readonly ffmpeg: string;
  readonly say: (line: string) => void;
  /** Ms since the epoch: the picture has the wall clock's dates. */
  readonly now: () => number;
}

/**
 * Takes interpreters' sound from the gate: `POST /inputs/<language>` with a body of ADTS that grows while the interpreter talks, one at
 * a time for each language. Throws CliError if it cannot listen.
 */
export async function startInputsServer({ address, ...options }: InputsServerOptions): Promise<CaptionsServer> {
  const door = new InputsDoor(options);
  const server = createServer(limits, (request, response) => void door.answer(request, response));
  server.maxConnections = mostConnections;
  await listenAt(server, placeOf(address, "--inputs"), address);
  return {
    async stop() {
      server.close();
      server.closeAllConnections();
      await door.stop();
    },
  };
}

class InputsDoor {
  readonly #options: Omit<InputsServerOptions, "address">;
  /** By language: the request that is heard. */
  readonly #heard = new Map<string, Promise<string>>();

  constructor(options: Omit<InputsServerOptions, "address">) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on("error", () => {});
    const [, language = ""] = path.exec(request.url ?? "") ?? [];
    const input = this.#options.inputs.get(language);
    if (!input) return refuse(response, 404, "no interpreter's track has this language");
    if (request.method !== "POST") return refuse(response, 405, "send the sound by POST");
    if (this.#heard.has(language)) return refuse(response, 409, "another interpreter of this language is connected");
    const hearing = this.#hear(request, input, language);
    this.#heard.set(language, hearing);
    const why = await hearing.finally(() => this.#heard.delete(language));
    if (why === "") response.end("ended\n");
    else refuse(response, 400, why);
  }

  /** Resolves when every connection's decoder has ended. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#heard.values());
  }

  /** Resolves at the end of the sound: to nothing, or to why it was not taken any longer. */
  async #hear(request: IncomingMessage, input: InterpreterInput, language: string): Promise<string> {
    const { say, ffmpeg } = this.#options;
    input.begin();
    let decoder: SoundDecoder;
    try {
      decoder = await startDecoder(ffmpeg, input.hear);
    } catch (error) {
      const why = `ffmpeg cannot be started: ${reasonOf(error)}`;
      say(`the interpreter's sound for ${language}: ${why}`);
      return why;
    }
    const taking = new SoundTaking(decoder, input, this.#options.now);
    request.setTimeout(silentForMs, () => request.destroy(new Error(`no sound for ${silentForMs / 1000} s`)));
    let isTaken = true;
    void decoder.ended.then((why) => {
      if (isTaken) request.destroy(new Error(why));
    });
    try {
      await takeAll(request, taking);
      return "";
    } catch (error) {
      const why = reasonOf(error);
      if (error instanceof AdtsFault) say(`the interpreter's sound for ${language} is not taken: ${why}`);
      return why;
    } finally {
      // The connection is for the answer now.
      isTaken = false;
      await decoder.stop();
      if (taking.droppedFrames > 0)
        say(
          `the interpreter's sound for ${language}: ${taking.droppedFrames} frames were dropped: ffmpeg was too slow`,
        );
    }
  }
}

/** Takes the sound to its end. Rejects with AdtsFault or the connection's error, and leaves the connection for the answer. */
function takeAll(request: IncomingMessage, taking: SoundTaking): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on("data", (part: Buffer) => {
      try {
        taking.take(part);
      } catch (error) {
        // What comes after it is not looked at.
        request.removeAllListeners("data").resume();
        reject(error);
      }
    });
    request.once("end", resolve);
    request.once("error", reject);
    request.once("close", () => reject(new Error("the connection was closed")));
  });
}

/** Counts the sound of one request and hands it to its decoder. */
class SoundTaking {
  readonly #decoder: SoundDecoder;
  readonly #input: InterpreterInput;
  readonly #now: () => number;
  readonly #reader = new AdtsReader();
  /** Sound so far, in samples at 16 kHz, with their fractions. */
  #total = 0;
  droppedFrames = 0;

  constructor(decoder: SoundDecoder, input: InterpreterInput, now: () => number) {
    this.#decoder = decoder;
    this.#input = input;
    this.#now = now;
  }

  /** Throws AdtsFault. */
  take(part: Buffer): void {
    const frames = this.#reader.push(part);
    if (frames.length === 0) return;
    if (!this.#decoder.take(Buffer.concat(frames.map(({ bytes }) => bytes)))) {
      this.droppedFrames += frames.length;
      return;
    }
    const before = Math.floor(this.#total);
    for (const { sampleRate } of frames) this.#total += (samplesPerFrame * soundRate) / sampleRate;
    this.#input.arrived(Math.floor(this.#total) - before, this.#now());
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
  response.end(`${why}\n`);
}
