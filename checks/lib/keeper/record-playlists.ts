// `npx tsx checks/lib/keeper/record-playlists.ts [NAME…]`, with OWNCAST set: records the playlists and segments of a real Owncast
// for src/services/keeper/any-recorded-story.test.ts. Run it by hand for a new version of Owncast. It takes some minutes.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { CameraOptions } from "../../../src/publish/encoder.ts";
import { type Publisher, startPublisher } from "../../../src/publish/publisher.ts";
import { type PlainOwncast, startPlainOwncast } from "../owncast/plain-owncast.ts";
import { type Change, writeRecording } from "./recording.ts";

// Every fresh Owncast has this password and key. This one is in a network of its own.
const publicKey = "abc123";
const folder = "checks/lib/keeper/recordings";

/** The steps of a recording. */
interface Scene {
  readonly owncast: PlainOwncast;
  /** Latency level and renditions of the next publisher. */
  declare(latencyLevel: number, variants: readonly object[]): Promise<void>;
  /** A publisher connects and stays for this time. */
  publish(seconds: number, camera?: Partial<CameraOptions>): Promise<void>;
  /** The publisher is lost, and for this time none connects. */
  lose(seconds: number): Promise<void>;
  note(text: string): void;
}

const rendition = (scaledWidth: number, scaledHeight: number, framerate: number, videoBitrate: number) => ({
  ...{ name: `${scaledHeight}p`, scaledWidth, scaledHeight, framerate, videoBitrate, cpuUsageLevel: 0 },
  audioBitrate: 64,
});
const three = [rendition(160, 90, 10, 300), rendition(240, 136, 10, 350), rendition(320, 180, 10, 400)];
const passthrough = { name: "as it comes", videoPassthrough: true, audioPassthrough: true, framerate: 0 };

const scenes: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  async "drop-and-restart"({ owncast, declare, publish, lose, note }) {
    await declare(1, three);
    await publish(44);
    await lose(2);
    await publish(38);
    note("Owncast is killed");
    await owncast.kill();
    await lose(2);
    await owncast.start();
    note("Owncast is back");
    await sleep(2000);
    await publish(20);
    await lose(2);
  },
  async "ladder-and-latency"({ declare, publish, lose }) {
    await declare(0, three);
    await publish(12);
    await lose(2);
    await declare(0, three.slice(1));
    await publish(10);
    await lose(1);
    await declare(3, three.slice(2));
    await publish(22);
    await lose(1);
    await declare(0, three);
    await publish(12);
    await lose(2);
  },
  async passthrough({ declare, publish, lose }) {
    await declare(1, [passthrough]);
    await publish(40, { keyframeSeconds: 2 });
    await lose(3);
    await publish(30, { keyframeSeconds: 3 });
    await lose(2);
  },
  // A publisher reconnects at once, on a busy machine where the old encoder has not yet exited.
  async "back-too-soon"({ owncast, declare, publish, lose, note }) {
    await declare(1, three.slice(1));
    await publish(15);
    for (const laterSeconds of [1, 6]) {
      const goOn = holdEncoder(owncast);
      await lose(0);
      await publish(laterSeconds);
      goOn();
      note("the encoder of the one before goes on");
      await sleep(2000);
      await lose(1);
      await publish(12);
    }
    await lose(2);
  },
};

/** Pauses Owncast's encoders until the returned function is called. */
function holdEncoder(owncast: PlainOwncast): () => void {
  const children = execFileSync("ps", ["--ppid", `${owncast.pid()}`, "-o", "pid=,comm="], { encoding: "utf8" });
  const pid = Number(/(\d+) ffmpeg$/m.exec(children)?.[1]);
  if (Number.isNaN(pid)) throw new Error(`Owncast runs no encoder, but ${children}`);
  process.kill(pid, "SIGSTOP");
  return () => void process.kill(pid, "SIGCONT");
}

/** Looks at the folder as often as it can until the returned function is called. */
async function watch(hlsDir: string, now: () => number, signal: AbortSignal): Promise<Change[]> {
  const last = new Map<string, string | undefined>();
  const changes: Change[] = [];
  const saw = (name: string, text: string | undefined) => {
    if (last.get(name) === text) return;
    last.set(name, text);
    changes.push({ ms: now(), name, text });
  };
  while (!signal.aborted) {
    saw("stream.m3u8", contentOf(join(hlsDir, "stream.m3u8")));
    // Present variants, and earlier ones.
    const variants = new Set([...namesIn(hlsDir), ...[...last.keys()].map((name) => name.split("/")[0] ?? "")]);
    for (const variant of [...variants].filter((name) => /^\d+$/.test(name)).sort()) {
      // Read the playlist first and record it last: its segments were there before it.
      const text = contentOf(join(hlsDir, variant, "stream.m3u8"));
      const segments = namesIn(join(hlsDir, variant)).filter((name) => name.endsWith(".ts"));
      segments.sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
      saw(`${variant}/`, segments.map((name) => `${name}\n`).join(""));
      saw(`${variant}/stream.m3u8`, text);
    }
    await nextTurn();
  }
  return changes;
}

const contentOf = (file: string): string | undefined => orNothing(() => readFileSync(file, "utf8"));
const namesIn = (dir: string): string[] => orNothing(() => readdirSync(dir)) ?? [];

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return undefined;
  }
}

async function record(play: (scene: Scene) => Promise<void>): Promise<string> {
  const owncast = await startPlainOwncast();
  let camera: Publisher | undefined;
  const began = performance.now();
  const now = () => Math.round(performance.now() - began);
  const notes: { ms: number; note: string }[] = [];
  const note = (text: string) => {
    notes.push({ ms: now(), note: text });
  };
  const set = async (endpoint: string, value: unknown) => {
    const { status } = await owncast.admin(`config/${endpoint}`, { method: "POST", body: JSON.stringify({ value }) });
    if (status !== 200) throw new Error(`${endpoint}: ${status}`);
  };
  const watching = new AbortController();
  const changes = watch(owncast.hlsDir, now, watching.signal);
  try {
    await play({
      owncast,
      note,
      async declare(latencyLevel, variants) {
        note(`latency level ${latencyLevel}, ${variants.length} renditions for the next publisher`);
        await set("video/streamlatencylevel", latencyLevel);
        await set("video/streamoutputvariants", variants);
      },
      async publish(seconds, options = {}) {
        const picture = { width: 320, height: 180, fps: 10, bitrateKbps: 300, ...options };
        camera = startPublisher({ target: owncast.rtmp, streamKey: publicKey, ...picture });
        await camera.started;
        note("a publisher is there");
        await sleep(seconds * 1000);
      },
      async lose(seconds) {
        note("the publisher is lost");
        await camera?.stop();
        await sleep(seconds * 1000);
      },
    });
  } finally {
    watching.abort();
    await camera?.stop();
    await owncast.stop();
  }
  return writeRecording(await changes, notes);
}

const names = process.argv.slice(2);
for (const [name, play] of Object.entries(scenes)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const recording = await record(play);
  writeFileSync(join(folder, `${name}.txt`), recording);
  process.stderr.write(`${name}: ${(recording.length / 1000).toFixed(0)} kB\n`);
}
