import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { freePort } from "../../../src/lib/free-port.ts";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Publisher, type PublisherOptions, startPublisher } from "../../../src/publish/publisher.ts";
import type { CaptionsStatus } from "../../../src/services/captions/captions-status.ts";
import { type LecternProcess, startLectern } from "../process/lectern-process.ts";
import { type Stand, startStand } from "../process/stand.ts";
import { type KeeperProcess, startKeeper } from "../stream/keeper-process.ts";
import { untilFree } from "../stream/owncast-state.ts";

/** Real Owncast, keeper and captions service, and a camera. */
export interface CaptionedStage {
  readonly stand: Stand;
  readonly keeper: KeeperProcess;
  readonly captionsDir: string;
  readonly transcriptDir: string;
  /** The running service. */
  captions(): LecternProcess;
  /** Starts the service again after it was killed. */
  restart(): void;
  /** Where the segments are: the keeper's folder and Owncast's. */
  readonly segmentDirs: readonly string[];
  /** A camera connects: it plays a film again and again, or speaks. */
  connect(what: Pick<PublisherOptions, "media" | "speech" | "onSpoken">): Promise<void>;
  lose(): Promise<void>;
  status(): Promise<CaptionsStatus>;
  /** A playlist as the keeper answers it, or the status if that is not 200. */
  playlist(name: string): Promise<string>;
  /** The VTT files of a track, in order of their names' numbers, by session. */
  files(language: string): readonly { readonly name: string; readonly text: string }[];
  stop(): Promise<void>;
}

export interface CaptionedStageOptions {
  readonly stageFile?: string;
  /** Of `lectern captions`, beside the usual ones. */
  readonly options: readonly string[] | ((stand: Stand) => readonly string[]);
}

/** Starts it; resolves when Owncast answers. The service may need a moment more. */
export async function startCaptionedStage({
  stageFile = "checks/lib/stages/captioned-stage.yaml",
  options,
}: CaptionedStageOptions): Promise<CaptionedStage> {
  const made: { keeper?: KeeperProcess; keeperPort?: number; captionsDir?: string } = {};
  const stand = await startStand(stageFile, {
    async keeper({ owncastUrl, hlsDir, folder }) {
      made.keeperPort = await freePort();
      made.captionsDir = join(folder, "captions");
      mkdirSync(made.captionsDir, { recursive: true });
      const more = ["--captions-dir", made.captionsDir];
      made.keeper = await startKeeper(made.keeperPort, owncastUrl, hlsDir, { more });
      return `127.0.0.1:${made.keeperPort}`;
    },
  });
  const { captionsDir = "", keeperPort = 0, keeper } = made;
  if (!keeper) throw new Error("the stand started no keeper");
  const transcriptDir = join(stand.folder, "transcripts");
  const socketPath = join(stand.folder, "captions.sock");
  const places = ["--keeper", `127.0.0.1:${keeperPort}`, "--hls-dir", stand.hlsDir, "--captions-dir", captionsDir];
  const more = typeof options === "function" ? options(stand) : options;
  const start = () =>
    startLectern([
      ...["captions", "--seed", stageFile, ...places, "--status", `unix:${socketPath}`],
      ...["--transcript-dir", transcriptDir, ...more],
    ]);
  let captions = start();
  let publisher: Publisher | undefined;
  return {
    ...{ stand, keeper, captionsDir, transcriptDir },
    segmentDirs: [`${stand.hlsDir}-kept`, stand.hlsDir],
    captions: () => captions,
    restart() {
      captions = start();
    },
    async connect(what) {
      await untilFree(stand.owncastUrl);
      publisher = startPublisher({
        ...{ target: parseRtmpUrl(stand.rtmpUrl), width: 320, height: 180, fps: 15, bitrateKbps: 400 },
        streamKey: stand.reveal(stand.seed.access.streamKeys[0]?.secret ?? ""),
        ...what,
      });
      await publisher.started;
    },
    lose: async () => publisher?.stop(),
    status: async () => JSON.parse(await ask({ socketPath, path: "/status" })) as CaptionsStatus,
    playlist: (name) => ask({ port: keeperPort, path: `/hls/${name}` }),
    files: (language) => filesIn(join(captionsDir, language)),
    async stop() {
      await publisher?.stop();
      captions.kill();
      await captions.ended;
      await keeper.stop();
      await stand.stop();
    },
  };
}

async function ask(where: {
  readonly socketPath?: string;
  readonly port?: number;
  readonly path: string;
}): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", ...where, agent: false, timeout: 10_000 });
    asked.once("error", reject);
    asked.once("response", (answer) => {
      if (answer.statusCode === 200) textOf(answer).then(resolve, reject);
      else resolve(`status ${answer.resume().statusCode}`);
    });
    asked.end();
  });
}

function filesIn(folder: string): { name: string; text: string }[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".vtt"));
  const numberOf = (name: string): number => Number(/-(\d+)\.vtt$/.exec(name)?.[1]);
  return names
    .sort((some, other) => numberOf(some) - numberOf(other))
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}
