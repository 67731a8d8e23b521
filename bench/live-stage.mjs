import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {import("../checks/lib/process/stand.ts").Stand} Stand */

/**
 * A stage on air as hosts have it, on loopback: Owncast, Caddy, the keeper, a camera; two renditions in segments of 2 s. Needs
 * a Node that reads TypeScript.
 * @param {(stage: { stand: Stand, keeperUrl: string, plainUrl: string }) => Promise<void>} use `plainUrl` leads to Owncast
 *   through a Caddy that only passes on
 */
export async function withLiveStage(use) {
  const [{ startStand }, { startKeeper }, { startPublisher }, { parseRtmpUrl }] = await Promise.all([
    import("../checks/lib/process/stand.ts"),
    import("../src/local/servers.ts"),
    import("../src/publish/publisher.ts"),
    import("../src/media/rtmp/rtmp-target.ts"),
  ]);
  let keeperUrl = "";
  const stand = await startStand("checks/lib/stages/two-renditions.yaml", {
    async keeper(run, parts) {
      const address = await startKeeper(run, parts);
      keeperUrl = `http://${address}`;
      return address;
    },
  });
  const camera = startPublisher({
    target: parseRtmpUrl(`rtmp://127.0.0.1:${stand.run.ports.rtmp}/live`),
    streamKey: stand.reveal("stream-key"),
    ...{ width: 480, height: 270, fps: 15, bitrateKbps: 500 },
  });
  try {
    const plainUrl = await startPlainCaddy(stand);
    await camera.started;
    // A full list: so long is an answer for most of a stream.
    for (let tries = 0; !(await isListFull(stand.owncastUrl)); tries++) {
      if (tries > 120) throw new Error("the stream does not come on air");
      await sleep(1000);
    }
    await use({ stand, keeperUrl, plainUrl });
  } finally {
    await camera.stop();
    await stand.stop();
  }
}

/** @param {string} owncastUrl */
async function isListFull(owncastUrl) {
  const text = await (await fetch(`${owncastUrl}/hls/1/stream.m3u8`)).text();
  return (text.match(/^stream-(?!offline).*\.ts$/gm) ?? []).length >= 15;
}

/** As one writes it who reads Caddy's first page. @param {Stand} stand */
async function startPlainCaddy({ run, parts, owncastUrl }) {
  const [{ startPart }, { freePort }] = await Promise.all([
    import("../src/local/part.ts"),
    import("../src/lib/free-port.ts"),
  ]);
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = join(run.dir, "Caddyfile-plain");
  writeFileSync(config, `{\n\tadmin off\n}\n\n${url} {\n\tbind 127.0.0.1\n\treverse_proxy ${owncastUrl}\n}\n`);
  const command = [run.programs.caddy, "run", "--config", config, "--adapter", "caddyfile"];
  parts.push(
    startPart(command, {
      name: "plain Caddy",
      logFile: join(run.dir, "plain.log"),
      cwd: run.dir,
      env: { ...process.env, HOME: run.dir, XDG_CONFIG_HOME: run.dir, XDG_DATA_HOME: run.dir },
    }),
  );
  for (let tries = 0; !(await fetch(`${url}/api/status`).catch(() => undefined))?.ok; tries++) {
    if (tries > 600) throw new Error("plain Caddy does not answer");
    await sleep(50);
  }
  return url;
}

/**
 * The processes of a stage that answer playlists.
 * @param {Stand} stand
 */
export function processesOf({ run }) {
  return {
    keeper: processWith(({ args }) => args[args.indexOf("--hls-dir") + 1] === join(run.dir, "hls")),
    owncast: processWith(({ args, cwd }) => args[0] === run.programs.owncast && cwd === join(run.dir, "state")),
  };
}

/** @param {(process: { args: string[], cwd: string }) => boolean} fits */
function processWith(fits) {
  const found = readdirSync("/proc").find((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return /^\d+$/.test(pid) && fits({ args, cwd: readlinkSync(`/proc/${pid}/cwd`) });
    } catch {
      // Gone since, or another user's.
      return false;
    }
  });
  if (!found) throw new Error("a server's process is not found");
  return found;
}

// The kernel's tick, in which /proc counts.
const ticksPerSecond = 100;

/** Seconds of processor that a process has used so far. @param {string} pid */
export function cpuSecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / ticksPerSecond;
}

/** The most memory that a process has held so far, in MB. @param {string} pid */
export function peakMegabytesOf(pid) {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}
