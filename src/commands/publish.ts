import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds, readSize, readWhole } from "../lib/option-values.ts";
import { askedToEnd } from "../lib/signals.ts";
import { usualBitrateKbps } from "../media/camera-needs.ts";
import { parseRtmpUrl } from "../media/rtmp/rtmp-target.ts";
import { type BroadcastEvent, startBroadcast } from "../publish/broadcast.ts";
import { inspectMedia } from "../publish/media-file.ts";
import type { PublisherOptions } from "../publish/publisher.ts";
import { readSpeech } from "../publish/speech.ts";
import type { SpokenSentence } from "../publish/spoken-times.ts";
import { readStreamKey } from "../publish/stream-key.ts";
import { ratesOf, type StreamTotals } from "../publish/stream-meter.ts";
import { examples, type Verb } from "./verb.ts";

interface PublishOptions {
  readonly url: string;
  readonly streamKeyFile: string;
  readonly size: string;
  readonly fps: string;
  readonly bitrate?: string;
  readonly keyframeSeconds: string;
  readonly file?: string;
  readonly speech?: string;
  readonly once?: true;
  readonly duration?: string;
  /** False with --no-reconnect. */
  readonly reconnect: boolean;
  readonly json?: true;
}

const statusEveryMs = 5000;

/** `lectern publish`: a synthetic camera, or a media file. */
export const verb: Verb<PublishOptions> = {
  configure(command) {
    command
      .requiredOption("--url <url>", "where the stage accepts cameras: rtmp://host:port/live")
      .requiredOption("--stream-key-file <file>", "a file that holds the stream key")
      .option("--size <WxH>", "frame size in pixels", "1280x720")
      .option("--fps <n>", "frames per second", "30")
      .option("--bitrate <kbps>", "of the video, in kbit/s (default: by size, 2500 for 1280x720 at 30)")
      .option("--keyframe-seconds <n>", "seconds between keyframes; must divide Owncast's segments (1 to 5 s)", "1")
      .option("--file <media>", "play this file in a loop instead of the pattern")
      .option("--speech <text>", "speak this text file in a loop instead of the tone, by flite's English voice")
      .option("--once", "play --file or --speech once, then end")
      .option("--duration <seconds>", "stop after this time (default: at Ctrl-C)")
      .option("--no-reconnect", "exit with 1 when the stream is lost, instead of connecting again")
      .option("--json", "print what was sent as JSON at the end")
      .addHelpText(
        "after",
        `\nSends a moving pattern, a tone and a clock, which \`lectern probe\` reads. If the stream is lost, publish connects again\nafter 1 s, then 2, up to 30, until Ctrl-C. It gives up if the first connection fails (exit code 77: refused; 69: no\nserver), and at the fifth refusal in a row after a loss.\n${examples(
          "lectern publish --url rtmp://127.0.0.1:1935/live --stream-key-file secrets/stream-key-moderator",
          "lectern publish --url rtmp://live.example.org/live --stream-key-file key --size 1920x1080 --duration 60 --json",
          "lectern publish --url rtmp://live.example.org/live --stream-key-file key --file trailer.mp4 --once",
          "lectern publish --url rtmp://live.example.org/live --stream-key-file key --speech talk.txt",
        )}`,
      );
  },
  async run(_, options) {
    const spoken: SpokenSentence[] = [];
    const camera = await readOptions(options, (sentence) => keepLast(spoken, sentence));
    const signal = askedToEnd();
    const reporting = startReport(camera);
    const broadcast = startBroadcast(camera, { signal, reconnect: options.reconnect, onEvent: reporting.tell });
    reporting.follow(broadcast.stats);
    const sent = await broadcast.finished.finally(() => reporting.end());
    const { width, height, target } = camera;
    const { bytes: _bytes, ...totals } = sent;
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ address: target.address, width, height, ...totals, ...(camera.speech && { spoken }) }, null, 2)}\n`,
      );
    else
      process.stdout.write(
        `sent ${sent.frames} frames in ${sent.seconds.toFixed(1)} s, ${sent.bitrateKbps} kbit/s${sent.reconnects > 0 ? `, connected again ${sent.reconnects} times` : ""}\n`,
      );
    return ExitCode.done;
  },
};

const mostSpoken = 10_000;

function keepLast(spoken: SpokenSentence[], sentence: SpokenSentence): void {
  spoken.push(sentence);
  if (spoken.length > mostSpoken) spoken.shift();
}

async function readOptions(
  options: PublishOptions,
  onSpoken: (sentence: SpokenSentence) => void,
): Promise<PublisherOptions> {
  const target = parseRtmpUrl(options.url);
  const size = readSize("--size", options.size);
  const fps = readWhole("--fps", options.fps, { min: 5, max: 60, unit: "frames per second" });
  const bitrateKbps =
    options.bitrate === undefined
      ? usualBitrateKbps({ ...size, fps })
      : readWhole("--bitrate", options.bitrate, { min: 100, max: 50_000, unit: "kbit/s" });
  const keyframeSeconds = readWhole("--keyframe-seconds", options.keyframeSeconds, {
    min: 1,
    max: 10,
    unit: "seconds",
  });
  const durationSeconds = options.duration === undefined ? undefined : readSeconds("--duration", options.duration);
  const { media, speech } = await readMedia(options);
  const streamKey = await readStreamKey(options.streamKeyFile);
  return { target, streamKey, ...size, fps, bitrateKbps, keyframeSeconds, durationSeconds, media, speech, onSpoken };
}

async function readMedia({ file, speech, once }: PublishOptions): Promise<Pick<PublisherOptions, "media" | "speech">> {
  const loop = once !== true;
  if (file !== undefined && speech !== undefined)
    throw new CliError(ExitCode.usage, "--file and --speech exclude each other: a file has its own sound");
  if (file !== undefined) return { media: await inspectMedia(file, loop) };
  if (speech !== undefined) return { speech: await readSpeech(speech, loop) };
  if (once) throw new CliError(ExitCode.usage, "--once: expected --file or --speech too: the pattern has no end");
  return {};
}

/** Says on stderr what happens to the stream and, every few seconds, how it goes. */
function startReport(camera: PublisherOptions) {
  const live = process.stderr.isTTY === true;
  const say = (text: string, stays = true) =>
    process.stderr.write(live ? `\r\x1b[2K${text}${stays ? "\n" : ""}` : `${text}\n`);
  const { target, width, height, fps, bitrateKbps } = camera;
  let timer: NodeJS.Timeout | undefined;
  say(`… connecting to ${target.address}`, !live);
  let onAir = false;
  return {
    tell(event: BroadcastEvent) {
      onAir = event.kind === "connected";
      if (event.kind === "lost")
        say(
          `✗ ${event.error.message}\n… attempt ${event.attempt} to connect again in ${event.pauseSeconds.toFixed(1)} s`,
        );
      else if (event.again) say(`✓ connected to ${target.address} again`);
      else
        say(
          `✓ connected to ${target.address}: ${width}x${height} at ${fps} frames/s, ${bitrateKbps} kbit/s; Ctrl-C stops`,
        );
    },
    follow(stats: () => StreamTotals) {
      let before = stats();
      timer = setInterval(() => {
        const now = stats();
        const { fps: sentFps, speed, bitrateKbps: kbps } = ratesOf(now, fps, before);
        const left = now.skippedFrames > 0 ? `, ${now.skippedFrames} frames dropped` : "";
        before = now;
        if (onAir)
          say(
            `  ${now.seconds.toFixed(0)} s: ${sentFps.toFixed(1)} frames/s (${speed.toFixed(2)}×), ${kbps} kbit/s${left}`,
            !live,
          );
      }, statusEveryMs);
    },
    end() {
      clearInterval(timer);
      if (live) process.stderr.write("\n");
    },
  };
}
