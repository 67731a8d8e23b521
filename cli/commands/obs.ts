import { lstat, mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileFault } from "../error-cause.ts";
import { CliError, ExitCode } from "../errors.ts";
import { cameraPicture, keyframeSeconds } from "../media/camera-picture.ts";
import { type ObsProfile, obsProfile } from "../media/obs-profile.ts";
import { parseRtmpUrl } from "../media/rtmp-target.ts";
import { readStreamKey } from "../media/stream-key.ts";
import { examples, type Verb } from "../verb.ts";
import { writeWhole } from "../whole-file.ts";

interface ObsOptions {
  readonly seed: string;
  readonly server: string;
  readonly streamKeyFile: string;
  readonly output: string;
  readonly force?: true;
  readonly json?: true;
}

/** `lectern obs`: an OBS Studio profile that sends what a stage expects. */
export const verb: Verb<ObsOptions> = {
  configure(command) {
    command
      .requiredOption("--seed <file>", "a seed (.json) or a stage file (.yaml): the picture is made to fit its ladder")
      .requiredOption("--server <url>", "where the stage takes publishers: rtmp://host:port/live")
      .requiredOption("--stream-key-file <file>", "a file that holds the stream key")
      .requiredOption("--output <dir>", "the profile's folder; made when it is not there")
      .option("--force", "overwrite a profile that is there")
      .option("--json", "print what was written as JSON")
      .addHelpText(
        "after",
        `\nWrites basic.ini, service.json and streamEncoder.json, readable by you alone: service.json holds the stream key.\nIn OBS: Profile, Import, then choose the folder. Size, rate and bitrate are those of the largest rendition; keyframes\ncome so that they divide Owncast's segments.\n${examples(
          "lectern obs --seed main.yaml --server rtmp://live.example.org:1935/live --stream-key-file key --output obs-profile",
        )}`,
      );
  },
  async run(_, { seed: seedFile, server, streamKeyFile, output, force, json }) {
    const target = parseRtmpUrl(server, "--server");
    const { loadSeed } = await import("../../codegen/load/load-seed.ts");
    const { instance, video } = await loadSeed(seedFile);
    const streamKey = await readStreamKey(streamKeyFile);
    const picture = cameraPicture(video?.ladder);
    const keyframes = keyframeSeconds(video?.latency);
    const name = instance?.name ?? basename(seedFile).replace(/\.\w+$/, "");
    const folder = resolve(output);
    const files = await writeProfile(
      folder,
      obsProfile({ name, target, streamKey, picture, keyframeSeconds: keyframes }),
      force === true,
    );
    const summary = { name, folder, files, server: target.address, ...picture, keyframeSeconds: keyframes };
    if (json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    else
      process.stdout.write(
        `${files.map((file) => `✓ ${file}`).join("\n")}\n${picture.width}x${picture.height} at ${picture.framerate} pictures/s, ${picture.bitrateKbps} kbit/s, a keyframe every ${keyframes} s\nIn OBS: Profile, Import, then choose ${folder}\n`,
      );
    return ExitCode.done;
  },
};

/** Writes the files, 0600, and gives their paths. Throws CliError 1, before anything is written, for what is there and may not go. */
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
        `${file}: is there already`,
        "name another folder, or overwrite the profile with --force",
      );
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(failed);
  // A new file: its mode is ours, and no link leads elsewhere.
  for (const [file, text] of entries) await writeWhole(file, text, { mode: 0o600, exclusive: !force }).catch(failed);
  return entries.map(([file]) => file);
}
