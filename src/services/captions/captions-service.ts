import { chmodSync, mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { loadSeed } from "../../../codegen/load/load-seed.ts";
import { type DeclaredCaptions, readCaptions } from "../../../codegen/schema/stage/captions.ts";
import { unshownPath } from "../../lib/captions-tracks.ts";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { FaultLog } from "../../lib/fault-log.ts";
import { listenAt } from "../../lib/listen.ts";
import { monotonicMs } from "../../lib/monotonic.ts";
import { CaptionStage, type StageTrack, stageFaults, type TrackSession } from "./caption-stage.ts";
import { type CaptionsStatus, statusServer, type TrackStatus } from "./captions-status.ts";
import { CueMaker } from "./cues.ts";
import { KeeperClient, type KeeperPlace } from "./keeper-client.ts";
import { followerFaults, LiveFollower } from "./live-follower.ts";
import { placeOf } from "./place.ts";
import { SegmentSounds } from "./segment-sound.ts";
import { Track, trackFaults } from "./track.ts";
import { trackName } from "./track-name.ts";
import { type DeclaredSource, type SourceOptions, startDoors, startSources } from "./track-sources.ts";
import { openTranscript } from "./transcript.ts";
import { VttFolder } from "./vtt-folder.ts";

export interface CaptionsServiceOptions extends SourceOptions {
  /** Seed or stage file: it declares the tracks. */
  readonly seed: string;
  /** The keeper: host:port or unix:<path>. */
  readonly keeper: string;
  /** Owncast's folder of segments. */
  readonly hlsDir: string;
  /** The keeper's folder of segments. Default: as the keeper's, beside `hlsDir`, named `…-kept`. */
  readonly keptDir?: string | undefined;
  /** Gets the tracks' files. */
  readonly captionsDir: string;
  /** ffmpeg's path. */
  readonly ffmpeg: string;
  /** Gets the transcripts. Undefined: there are none. */
  readonly transcriptDir?: string | undefined;
  /** The folder of secrets, with a `captions-token-<language>` for each `push` track. */
  readonly secrets?: string | undefined;
  /** host:port or unix:<path> for captioners' text, which the web server passes on. */
  readonly listen?: string | undefined;
  /** host:port or unix:<path> for interpreters' sound, which the gate sends. */
  readonly inputs?: string | undefined;
  /** host:port or unix:<path> for `/status` and `/metrics`. */
  readonly status?: string | undefined;
}

/** A captions service that runs in this process. */
export interface CaptionsService {
  stop(): Promise<void>;
}

type FaultCounts = CaptionsStatus["faults"];

// Beside the keeper's own 100 ms, this is the time by which captions know of a segment later.
const lookEveryMs = 200;
const tickMs = 100;
const tellMs = 500;
const sweepMs = 5000;

// What the log says of each line's doer.
const subject = "the captions service";

/**
 * Starts the service; resolves when the keeper is told the tracks and `--status` answers. Throws ConfigError for a bad seed, CliError
 * for bad options, or if it cannot write or listen. After that, no fault of others ends it.
 */
export async function startCaptionsService(options: CaptionsServiceOptions): Promise<CaptionsService> {
  const captions = readCaptions(await loadSeed(options.seed));
  if (captions.tracks.length === 0)
    throw new CliError(
      ExitCode.usage,
      `${options.seed}: it declares no captions`,
      "declare captions.tracks, or do not start this service",
    );
  const place = placeOf(options.keeper, "--keeper");
  makeFolder(options.captionsDir);
  const service = new Service(captions, place, options);
  try {
    await service.listen();
  } catch (error) {
    await service.stop();
    throw error;
  }
  options.say(`captions in ${captions.tracks.map(({ language }) => language).join(", ")} for ${options.keeper}`);
  return service;
}

class Service implements CaptionsService {
  readonly #options: CaptionsServiceOptions;
  readonly #client: KeeperClient;
  readonly #sources: readonly DeclaredSource[];
  readonly #tracks: readonly StageTrack[];
  readonly #faults: readonly { counts(): FaultCounts }[];
  readonly #stage: CaptionStage;
  readonly #sounds: SegmentSounds;
  readonly #follower: LiveFollower;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #servers: { stop(): Promise<void> }[] = [];
  #looking: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(captions: DeclaredCaptions, place: KeeperPlace, options: CaptionsServiceOptions) {
    const { captionsDir, hlsDir, keptDir = `${hlsDir.replace(/\/+$/, "")}-kept`, say, ffmpeg } = options;
    const now = monotonicMs;
    this.#options = options;
    this.#client = new KeeperClient(place, unshownPath);
    const following = new FaultLog(followerFaults, subject, say);
    const telling = new FaultLog(stageFaults, subject, say);
    this.#sources = startSources(captions, options);
    const made = this.#sources.map((one) => makeTrack(one, captions, options));
    this.#tracks = made;
    this.#faults = [following, telling, ...made.map(({ faults }) => faults)];
    const { transcriptDir: dir } = options;
    const openFor = (session: TrackSession) => openTranscript({ ...session, dir: dir ?? "", say });
    const files = { openTranscript: dir === undefined ? undefined : openFor };
    this.#stage = new CaptionStage({ captionsDir, tracks: made, faults: telling, ...files, say, now });
    this.#sounds = new SegmentSounds(ffmpeg);
    this.#follower = new LiveFollower({
      client: this.#client,
      folders: [keptDir, hlsDir],
      sounds: this.#sounds,
      faults: following,
      events: this.#stage,
      now,
    });
    this.#timers = [
      setInterval(() => this.#stage.tick(), tickMs),
      setInterval(() => this.#stage.tell(), tellMs),
      setInterval(() => this.#stage.sweep(), sweepMs),
    ];
  }

  async listen(): Promise<void> {
    const { status, ...options } = this.#options;
    if (status !== undefined) {
      const place = placeOf(status, "--status");
      const server = statusServer(() => this.#status());
      await listenAt(server, place, status);
      this.#servers.push(stopper(server));
      if ("path" in place) chmodSync(place.path, 0o600);
    }
    await startDoors(this.#sources, options, this.#servers);
    this.#stage.tell();
    void this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#looking);
    this.#client.stop();
    for (const server of this.#servers) await server.stop();
    await this.#stage.stop();
  }

  async #look(): Promise<void> {
    await this.#follower.look();
    if (!this.#isStopped) this.#looking = setTimeout(() => void this.#look(), lookEveryMs);
  }

  #status(): CaptionsStatus {
    const faults: Record<string, { readonly count: number; readonly reason: string | undefined }> = {};
    for (const log of this.#faults)
      for (const [kind, { count, reason }] of Object.entries(log.counts()))
        faults[kind] = { count: count + (faults[kind]?.count ?? 0), reason: reason ?? faults[kind]?.reason };
    return {
      onAir: this.#follower.isOnAir,
      session: this.#stage.session?.id,
      trailSegments: this.#stage.trailSegments,
      tracks: this.#tracks.map(({ track }, at) => statusOf(track, this.#sources[at]!)),
      sound: this.#sounds.counts,
      faults,
    };
  }
}

function makeTrack(
  { declared, source, listeners }: DeclaredSource,
  { glossary }: DeclaredCaptions,
  { captionsDir, say }: CaptionsServiceOptions,
): StageTrack & { readonly faults: FaultLog<keyof typeof trackFaults> } {
  const { language, name } = declared;
  const folder = new VttFolder(join(captionsDir, language));
  const faults = new FaultLog(trackFaults, `the track ${language}`, say);
  const automatic = declared.source === "translation" ? "translation" : declared.source !== "push";
  const shown = trackName({ language, name, automatic });
  const makeCues = () => new CueMaker({ glossary, language });
  const track = new Track({ language, name: shown, source, makeCues, folder, faults, now: monotonicMs });
  for (const listener of listeners) track.onCommitted(listener);
  return { track, folder, faults };
}

function statusOf(track: Track, { declared, speech, translation }: DeclaredSource): TrackStatus {
  const { language, name, source } = track;
  const state = { ready: source.isReady, fault: source.fault, speech: speech?.() };
  const translated = { goesTo: translation?.goesTo, translation: translation?.figures };
  return { language, name, source: declared.source, ...state, ...translated, ...track.figures };
}

const stopper = (server: Server) => ({
  async stop() {
    server.close();
    server.closeAllConnections();
  },
});

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new CliError(ExitCode.failed, `${folder}: ${fileFault(error)}`, "name a folder that this user may write to");
  }
}
