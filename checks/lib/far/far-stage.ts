import { existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { caFile, runCaddy } from "../../../src/local/caddy.ts";
import { untilAnswers } from "../../../src/local/part.ts";
import type { FlvTag } from "../../../src/media/flv.ts";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { goldenSite, rehearsalPlace } from "../site/golden-site.ts";
import { playTo } from "../stream/recorded-stream.ts";
import { recordVideo, repeated } from "./steady-video.ts";

/** A stage on air, for viewers at the other end of a line: a real Owncast, the keeper, and Caddy with the Caddyfile of a host. */
export interface FarStage {
  readonly stand: Stand;
  readonly caFile: string;
  /** The page's address. It answers on all addresses, and allows rehearsals. */
  readonly page: string;
  /** The media playlist of the first rendition. The host's name is in it, for the certificate. */
  readonly playlist: string;
  /** A file that no line carries to its end. */
  readonly longFile: string;
  /** Starts a camera of that bitrate, without another encoder; resolves when viewers get its video. Ends the one before. */
  film(kbps: number): Promise<void>;
  /** Plays a recording again and again, as `film` does. Resolves to when its first frame was sent, in ms since the epoch. */
  play(tags: readonly FlvTag[], seconds: number): Promise<number>;
  stop(): Promise<void>;
}

export interface FarStageOptions {
  /** Whether its Caddy offers HTTP/3. Default: true. */
  readonly http3?: boolean;
}

const longFile = "stream-long-0.ts";
const longBytes = 2e9;
const recordedSeconds = 20;
const streamSeconds = 3600;
const segmentsAtLeast = 4;
const namedSegments = /^stream-.+\.ts$/gm;

/** Starts it on a stage file. */
export async function startFarStage(seedFile: string, { http3 = true }: FarStageOptions = {}): Promise<FarStage> {
  let site = "";
  const stand = await startStand(seedFile, {
    async front(stage, keeper) {
      const { folder, ports, parts } = stage;
      const storage = join(folder, "caddy");
      const places = {
        ...{ "one.test": "localhost", "/var/log/caddy": join(folder, "log"), "/var/cache/lectern/main": folder },
        "unix//run/lectern/main-keeper.sock": keeper,
        "127.0.0.1:8080": `127.0.0.1:${ports.owncast}`,
        ...rehearsalPlace(stage),
      };
      const options = `\tadmin off\n\tauto_https disable_redirects\n\thttps_port ${ports.https}\n\tstorage file_system "${storage}"\n`;
      const file = join(folder, "far.caddyfile");
      // Of these golden hosts, the second one offers HTTP/3.
      writeFileSync(file, goldenSite(http3 ? "two" : "one", places, options));
      const caddy = runCaddy(file, { name: "Caddy", folder });
      parts.push(caddy);
      site = `https://localhost:${ports.https}`;
      await Promise.race([untilExists(caFile(storage)), caddy.died]);
      await Promise.race([untilAnswers(`${site}/api/status`, caFile(storage)), caddy.died]);
    },
  });
  let camera: Awaited<ReturnType<typeof playTo>> | undefined;
  const playlistFile = join(stand.hlsDir, "0/stream.m3u8");
  const play: FarStage["play"] = async (tags, seconds) => {
    await camera?.end();
    const before = new Set(segmentsIn(playlistFile));
    const key = stand.reveal(stand.seed.access.streamKeys[0]?.secret ?? "");
    const target = parseRtmpUrl(stand.rtmpUrl);
    const playing = await playTo(target, key, repeated(tags, seconds, streamSeconds));
    const beganAtMs = Date.now();
    camera = playing;
    const isOn = () => segmentsIn(playlistFile).filter((name) => !before.has(name)).length >= segmentsAtLeast;
    while (!isOn()) await Promise.race([sleep(200), stand.anyDied(), neverEnds(playing.played)]);
    makeLongFile(join(stand.hlsDir, "0", longFile));
    return beganAtMs;
  };
  return {
    stand,
    caFile: stand.caFile,
    page: site,
    playlist: `${site}/hls/0/stream.m3u8`,
    longFile: `${site}/hls/0/${longFile}`,
    play,
    async film(kbps) {
      await play(await recordVideo(kbps, recordedSeconds), recordedSeconds);
    },
    async stop() {
      await camera?.end();
      await stand.stop();
    },
  };
}

const neverEnds = (played: Promise<void>): Promise<void> =>
  played.then(() => {
    throw new Error("the camera's recording is over");
  });

const segmentsIn = (playlist: string): string[] =>
  existsSync(playlist) ? (readFileSync(playlist, "utf8").match(namedSegments) ?? []) : [];

async function untilExists(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(20);
}

/** Zeros without blocks on disk. Caddy serves it like a segment; its time keeps it from Owncast's clean-up. */
function makeLongFile(file: string): void {
  writeFileSync(file, "");
  truncateSync(file, longBytes);
  const farAhead = new Date("2100-01-01");
  utimesSync(file, farAhead, farAhead);
}
