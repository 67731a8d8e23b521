import { lstat, mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSize, readWhole } from "../lib/option-values.ts";
import { writeWhole } from "../lib/whole-file.ts";
import { cameraPicture, keyframeSeconds, passesOn } from "../media/camera-needs.ts";
import type { Picture } from "../media/declared-renditions.ts";
import { parseRtmpUrl } from "../media/rtmp/rtmp-target.ts";
import { type ObsProfile, obsProfile } from "../publish/obs-profile.ts";
import { readStreamKey } from "../publish/stream-key.ts";
import { examples, type Verb } from "./verb.ts";

interface ObsOptions {
  readonly seed: string;
  readonly server: string;
  readonly streamKeyFile: string;
  readonly output: string;
  readonly size?: string;
  readonly fps?: string;
  readonly bitrate?: string;
  readonly force?: true;
  readonly json?: true;
}

/** `lectern obs`: an OBS Studio profile with the format that a stage expects. */
export const verb: Verb<ObsOptions> = {
  configure(command) {
    command
      .requiredOption("--seed <file>", "a seed (.json) or a stage file (.yaml); the profile fits its ladder")
      .requiredOption("--server <url>", "where the stage accepts cameras: rtmp://host:port/live")
      .requiredOption("--stream-key-file <file>", "a file that holds the stream key")
      .requiredOption("--output <dir>", "the profile's folder; made if it does not exist")
      .option("--size <WxH>", "what the camera sends, in pixels (default: the largest rendition's size)")
      .option("--fps <n>", "frames per second (default: the largest rendition's)")
      .option("--bitrate <kbps>", "of the video, in kbit/s (default: at least the best rendition's)")
      .option("--force", "overwrite an existing profile")
      .option("--json", "print what was written as JSON")
      .addHelpText(
        "after",
        `\nWrites basic.ini, service.json and streamEncoder.json. Only you can read them, because service.json holds the stream key.\nIn OBS: Profile, Import, then choose the folder. Size, frame rate and bitrate fit the largest rendition. If a rendition is\npassthrough, Lectern does not know what the camera sends. The profile then has at least 1280x720 and says that this is a\nguess; give --size, --fps and --bitrate. The keyframe interval divides Owncast's segments.\n${examples(
          "lectern obs --seed main.yaml --server rtmp://live.example.org:1935/live --stream-key-file key --output obs-profile",
          "lectern obs --seed main.yaml --server rtmp://live.example.org/live --stream-key-file key --output obs-profile --size 1920x1080 --fps 25 --bitrate 6000",
        )}`,
      );
  },
  async run(_, options) {
    const { seed: seedFile, server, streamKeyFile, output, force, json } = options;
    const target = parseRtmpUrl(server, "--server");
    const known = readPicture(options);
    const { loadSeed } = await import("../../codegen/load/load-seed.ts");
    const { instance, video } = await loadSeed(seedFile);
    const streamKey = await readStreamKey(streamKeyFile);
    const picture = cameraPicture(video?.ladder, known);
    const isGuess = known.width === undefined && (video?.ladder === undefined || passesOn(video.ladder));
    const keyframes = keyframeSeconds(video?.latency, passesOn(video?.ladder));
    const name = instance?.name ?? basename(seedFile).replace(/\.\w+$/, "");
    const folder = resolve(output);
    const files = await writeProfile(
      folder,
      obsProfile({ name, target, streamKey, picture, keyframeSeconds: keyframes }),
      force === true,
    );
    const summary = { name, folder, files, server: target.address, ...picture, isGuess, keyframeSeconds: keyframes };
    if (json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    else
      process.stdout.write(
        `${files.map((file) => `✓ ${file}`).join("\n")}\n${picture.width}x${picture.height} at ${picture.framerate} frames/s, ${picture.bitrateKbps} kbit/s, a keyframe every ${keyframes} s\n${isGuess ? `${guessed(video?.ladder)}\n` : ""}In OBS: Profile, Import, then choose ${folder}\n`,
      );
    return ExitCode.done;
  },
};

/** The camera's data from the command line. */
const readPicture = ({ size, fps, bitrate }: ObsOptions): Partial<Picture> => ({
  ...(size !== undefined && readSize("--size", size)),
  ...(fps !== undefined && { framerate: readWhole("--fps", fps, { min: 5, max: 60, unit: "frames per second" }) }),
  ...(bitrate !== undefined && {
    bitrateKbps: readWhole("--bitrate", bitrate, { min: 100, max: 50_000, unit: "kbit/s" }),
  }),
});

/** Why the profile is a guess, and how to avoid one. */
function guessed(ladder: readonly Rendition[] | undefined): string {
  const why = ladder
    ? `${ladder.flatMap(({ name, passthrough }) => (passthrough ? name : [])).join(", ")} is passthrough, and no seed says what the camera sends`
    : "the seed has no video.ladder";
  return `This is a guess: ${why}. If your camera sends something else, give --size, --fps and --bitrate.`;
}

/** Writes the files, 0600, and returns their paths. Throws CliError 1 before it writes if a file exists and `force` is false. */
async function writeProfile(folder: string, profile: ObsProfile, force: boolean): Promise<string[]> {
  const entries = Object.entries(profile).map(([name, text]) => [join(folder, name), text] as const);
  const failed = (error: unknown) => {
    throw new CliError(
      ExitCode.failed,
      `${folder}: the profile cannot be written (${fileFault(error)})`,
      "name a folder that this user may write, with room on its disk",
    );
  };
  for (const [file] of entries)
    if (!force && (await lstat(file).catch(() => undefined)))
      throw new CliError(
        ExitCode.failed,
        `${file}: already exists`,
        "name another folder, or overwrite the profile with --force",
      );
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(failed);
  // A new file: its mode is ours, and no link leads elsewhere.
  for (const [file, text] of entries) await writeWhole(file, text, { mode: 0o600, exclusive: !force }).catch(failed);
  return entries.map(([file]) => file);
}
