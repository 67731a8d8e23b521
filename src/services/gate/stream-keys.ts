import { createHash, timingSafeEqual } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { loadSeed } from "../../../codegen/load/load-seed.ts";
import { interpreterKeyName } from "../../../codegen/schema/core/secret-ref.ts";
import { readCaptions } from "../../../codegen/schema/stage/captions.ts";
import { readSecretFile, SecretFault } from "../../lib/secret-file.ts";

/** A stream key and what it is for. */
export interface StreamKey {
  /** Its comment, else its secret's name. Status and log name the publisher by it. */
  readonly name: string;
  readonly secret: string;
  readonly value: string;
  /** The language, if it is an interpreter's: its sound becomes captions. Undefined: it is a camera's, for the stage. */
  readonly interprets: string | undefined;
}

/** A key as the seed declares it. */
type Declared = Omit<StreamKey, "value">;

/** A seed's video settings. */
export type VideoSettings = Awaited<ReturnType<typeof loadSeed>>["video"];

/** The stage's one input for a camera. */
export const mainInput = "main";
const mostNameBytes = 4096;

/** The stream keys of a seed. They are read again when a file has changed. */
export class StreamKeys {
  readonly #seedFile: string;
  readonly #folder: string;
  readonly #say: (line: string) => void;
  #video: VideoSettings;
  #declared: readonly Declared[] = [];
  #keys: readonly StreamKey[] = [];
  #readFrom = "";
  #faults = "";
  #reading: Promise<readonly StreamKey[]> | undefined;

  constructor(seedFile: string, folder: string, say: (line: string) => void) {
    this.#seedFile = seedFile;
    this.#folder = folder;
    this.#say = say;
  }

  /** The first read. Throws ConfigError for a bad seed. */
  async load(): Promise<void> {
    await this.#readSeed();
    await this.current();
  }

  /** The keys that are valid now. A key with an unusable file is not; if the seed cannot be read, the last good one counts. */
  current(): Promise<readonly StreamKey[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<readonly StreamKey[]> {
    const state = await this.#stateOfFiles();
    if (state === this.#readFrom) return this.#keys;
    const faults: string[] = [];
    await this.#readSeed().catch((error: Error) => void faults.push(error.message));
    const keys: StreamKey[] = [];
    for (const declared of this.#declared) {
      const file = join(this.#folder, declared.secret);
      const value = await readSecretFile(file).catch((error: unknown) => {
        if (!(error instanceof SecretFault)) throw error;
        faults.push(`${file}: ${error.message}`);
      });
      if (value === undefined) continue;
      const same = keys.find((key) => key.value === value);
      // Nobody could tell an interpreter from a camera.
      if (declared.interprets !== undefined && same) faults.push(`${file}: holds the same key as ${same.secret}`);
      else keys.push({ ...declared, value });
    }
    this.#tell(faults);
    this.#keys = keys;
    // Taken before reading, so a file that changed meanwhile is read again next time.
    this.#readFrom = state;
    return keys;
  }

  /** The seed's video settings, as they were when the keys were read. */
  get video(): VideoSettings {
    return this.#video;
  }

  /** The languages that have an interpreter's key, as they were when the keys were read. */
  get languages(): string[] {
    return this.#declared.flatMap(({ interprets }) => interprets ?? []);
  }

  async #readSeed(): Promise<void> {
    const seed = await loadSeed(this.#seedFile);
    const { access, video } = seed;
    const cameras = access.streamKeys.map(({ secret, comment }) => ({
      ...{ name: comment || secret, secret, interprets: undefined },
    }));
    const interpreters = readCaptions(seed)
      .tracks.filter(({ source }) => source === "interpreter")
      .map(({ language }) => ({
        ...{ name: `interpreter (${language})`, secret: interpreterKeyName(language), interprets: language },
      }));
    this.#declared = [...cameras, ...interpreters];
    this.#video = video;
  }

  /** Changes whenever a file is replaced or written to. */
  async #stateOfFiles(): Promise<string> {
    const files = [this.#seedFile, ...this.#declared.map(({ secret }) => join(this.#folder, secret))];
    const states = files.map(async (file) => {
      const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    });
    const settled = await Promise.allSettled(states);
    return settled.map((each) => (each.status === "fulfilled" ? each.value : "none")).join("\n");
  }

  /** Logs the files' faults, each once. */
  #tell(faults: readonly string[]): void {
    const all = faults.join("; ");
    if (all !== "" && all !== this.#faults) this.#say(`stream keys that cannot be used: ${all}`);
    this.#faults = all;
  }
}

/**
 * Finds the key that a camera gave. Cameras send it in different forms: as `name` alone or begun in `path`, plain or
 * percent-encoded, with or without parameters after a question mark. Every form is compared with every key in constant time.
 */
export function matchKey(keys: readonly StreamKey[], path: string, name: string): StreamKey | undefined {
  const own = keys.map((key) => ({ key, bytes: digest(key.value) }));
  let found: StreamKey | undefined;
  // The whole name comes first, since another key may be a part of it.
  for (const given of formsOf(path, name).map(digest))
    for (const { key, bytes } of own) if (timingSafeEqual(bytes, given)) found ??= key;
  return found;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The forms of the key. Their number does not depend on the camera's text. */
function formsOf(path: string, name: string): string[] {
  const whole = [path, name].filter((part) => part !== "").join("/");
  if (Buffer.byteLength(whole) > mostNameBytes) return [];
  const [plain = ""] = whole.split("?", 1);
  return [whole, whole.replace(/^\/+|\/+$/g, ""), plain, decoded(whole), decoded(plain)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
