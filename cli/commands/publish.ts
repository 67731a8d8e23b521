import { ExitCode } from "../errors.ts";
import { usualBitrateKbps } from "../media/camera.ts";
import { readSeconds, readSize, readWhole } from "../media/option-values.ts";
import { type Publisher, type PublisherOptions, startPublisher } from "../media/publisher.ts";
import { parseRtmpUrl } from "../media/rtmp-target.ts";
import { readStreamKey } from "../media/stream-key.ts";
import { ratesOf, type StreamTotals } from "../media/stream-meter.ts";
import { examples, type Verb } from "../verb.ts";

interface PublishOptions {
  readonly url: string;
  readonly streamKeyFile: string;
  readonly size: string;
  readonly fps: string;
  readonly bitrate?: string;
  readonly duration?: string;
  readonly json?: true;
}

const statusEveryMs = 5000;
const week = 7 * 24 * 3600;

/** `lectern publish`: a synthetic camera. */
export const verb: Verb<PublishOptions> = {
  configure(command) {
    command
      .requiredOption("--url <url>", "where Owncast takes publishers: rtmp://host:port/live")
      .requiredOption("--stream-key-file <file>", "a file that holds the stream key")
      .option("--size <WxH>", "picture size in pixels", "1280x720")
      .option("--fps <n>", "pictures per second", "30")
      .option("--bitrate <kbps>", "of the picture, in kbit/s (default: by size, 2500 for 1280x720 at 30)")
      .option("--duration <seconds>", "stop after that (default: at Ctrl-C)")
      .option("--json", "print what was sent as JSON at the end")
      .addHelpText(
        "after",
        `\nSends a moving pattern, a tone and a clock in the picture, which \`lectern probe\` reads.\nIt connects once: when the stream is lost it ends (exit 1). A server that refuses the stream is exit 77, none at all 69.\n${examples(
          "lectern publish --url rtmp://127.0.0.1:1935/live --stream-key-file secrets/stream-key-moderator",
          "lectern publish --url rtmp://live.example.org/live --stream-key-file key --size 1920x1080 --duration 60 --json",
        )}`,
      );
  },
  async run(_, options) {
    const camera = await readOptions(options);
    const interrupt = new AbortController();
    const stop = () => interrupt.abort();
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, stop);
    const publisher = startPublisher(camera, { signal: interrupt.signal });
    const reporting = report(publisher, camera, interrupt.signal);
    const sent = await publisher.finished.finally(() => reporting.end());
    for (const signal of signals) process.off(signal, stop);
    const { seconds, frames, skippedFrames, fps, speed, bitrateKbps } = sent;
    const { width, height } = camera;
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ address: camera.target.address, width, height, seconds, frames, skippedFrames, fps, speed, bitrateKbps }, null, 2)}\n`,
      );
    else process.stdout.write(`sent ${frames} pictures in ${seconds.toFixed(1)} s, ${bitrateKbps} kbit/s\n`);
    return ExitCode.done;
  },
};

async function readOptions(options: PublishOptions): Promise<PublisherOptions> {
  const target = parseRtmpUrl(options.url);
  const size = readSize("--size", options.size);
  const fps = readWhole("--fps", options.fps, { min: 5, max: 60, unit: "pictures per second" });
  const bitrateKbps =
    options.bitrate === undefined
      ? usualBitrateKbps({ ...size, fps })
      : readWhole("--bitrate", options.bitrate, { min: 100, max: 50_000, unit: "kbit/s" });
  const durationSeconds =
    options.duration === undefined ? undefined : readSeconds("--duration", options.duration, week);
  const streamKey = await readStreamKey(options.streamKeyFile);
  return { target, streamKey, ...size, fps, bitrateKbps, durationSeconds };
}

/** Says on stderr that the stream is connected and, every few seconds, how it goes. */
function report(publisher: Publisher, camera: PublisherOptions, signal: AbortSignal): { end(): void } {
  const live = process.stderr.isTTY === true;
  const say = (text: string) => process.stderr.write(live ? `\r\x1b[2K${text}` : `${text}\n`);
  const { target, width, height, fps, bitrateKbps } = camera;
  let timer: NodeJS.Timeout | undefined;
  say(`… connecting to ${target.address}`);
  publisher.started.then(
    () => {
      if (signal.aborted) return;
      say(
        `✓ connected to ${target.address}: ${width}x${height} at ${fps} pictures/s, ${bitrateKbps} kbit/s; Ctrl-C stops`,
      );
      if (live) process.stderr.write("\n");
      let before: StreamTotals | undefined;
      timer = setInterval(() => {
        const now = publisher.stats();
        const { fps: sentFps, speed, bitrateKbps: kbps } = ratesOf(now, fps, before);
        const left = now.skippedFrames > 0 ? `, ${now.skippedFrames} pictures left out` : "";
        say(
          `  ${now.seconds.toFixed(0)} s: ${sentFps.toFixed(1)} pictures/s (${speed.toFixed(2)}×), ${kbps} kbit/s${left}`,
        );
        before = now;
      }, statusEveryMs);
    },
    () => {},
  );
  return {
    end() {
      clearInterval(timer);
      if (live) process.stderr.write("\n");
    },
  };
}
