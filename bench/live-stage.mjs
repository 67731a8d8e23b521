import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {import("../checks/lib/process/stand.ts").Stand} Stand */
/** @typedef {import("../checks/lib/stream/keeper-process.ts").KeeperProcess} KeeperProcess */

/**
 * A stage on air like a host's, on loopback: Owncast, Caddy, the keeper in a process of its own, and a camera. It has two
 * renditions in segments of 2 s. Needs a Node that reads TypeScript.
 * @param {(stage: { stand: Stand, keeper: KeeperProcess, plainUrl: string }) => Promise<void>} use `plainUrl` leads to Owncast
 *   through a Caddy that only forwards requests
 */
export async function withLiveStage(use) {
  const [{ startStand }, { startKeeper }, { cameraFor }, { freePort }] = await Promise.all([
    import("../checks/lib/process/stand.ts"),
    import("../checks/lib/stream/keeper-process.ts"),
    import("../checks/lib/stream/losable-camera.ts"),
    import("../src/lib/free-port.ts"),
  ]);
  /** @type {KeeperProcess | undefined} */
  let keeper;
  const stand = await startStand("checks/lib/stages/two-renditions.yaml", {
    async keeper({ owncastUrl, hlsDir }) {
      const port = await freePort();
      keeper = await startKeeper(port, owncastUrl, hlsDir);
      return `127.0.0.1:${port}`;
    },
  });
  const camera = cameraFor(stand, { width: 480, height: 270, framerate: 15, bitrateKbps: 500 });
  try {
    const plainUrl = await startPlainCaddy(stand);
    await camera.connect();
    // Wait for a full list: during most of a stream, playlists are this long.
    for (let tries = 0; !(await isListFull(stand.owncastUrl)); tries++) {
      if (tries > 120) throw new Error("the stream does not come on air");
      await sleep(1000);
    }
    await use({ stand, keeper: /** @type {KeeperProcess} */ (keeper), plainUrl });
  } finally {
    await camera.lose();
    await keeper?.stop();
    await stand.stop();
  }
}

/** @param {string} owncastUrl */
async function isListFull(owncastUrl) {
  const text = await (await fetch(`${owncastUrl}/hls/1/stream.m3u8`)).text();
  return (text.match(/^stream-(?!offline).*\.ts$/gm) ?? []).length >= 15;
}

/** A Caddy that only forwards requests. @param {Stand} stand */
async function startPlainCaddy({ folder, parts, owncastUrl }) {
  const [{ runCaddy }, { untilAnswers }, { freePort }] = await Promise.all([
    import("../src/local/caddy.ts"),
    import("../src/local/part.ts"),
    import("../src/lib/free-port.ts"),
  ]);
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = join(folder, "Caddyfile-plain");
  writeFileSync(config, `{\n\tadmin off\n}\n\n${url} {\n\tbind 127.0.0.1\n\treverse_proxy ${owncastUrl}\n}\n`);
  parts.push(runCaddy(config, { name: "plain Caddy", folder }));
  await untilAnswers(`${url}/api/status`);
  return url;
}

// /proc counts in the kernel's ticks.
const ticksPerSecond = 100;

/** Processor time of a process so far, in seconds. @param {string} pid */
export function cpuSecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / ticksPerSecond;
}

/** Peak memory of a process so far, in MB. @param {string} pid */
export function peakMegabytesOf(pid) {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}
