import { once } from "node:events";
import { createServer } from "node:net";

const gigabyte = 1_000_000_000;
const freeGigabytes = 2;
const lastPort = 65_535;

/** @typedef {import("./survey.mjs").Problem} Problem */

/**
 * Checks that the disks have room for the set-up.
 * @param {readonly string[]} folders
 * @param {(folder: string) => number} freeBytes
 * @returns {Problem[]}
 */
export function checkDisk(folders, freeBytes) {
  const short = folders.filter((folder) => freeBytes(folder) < freeGigabytes * gigabyte);
  // Folders on one disk are one problem.
  return [...new Set(short.map(freeBytes))].map((free) => ({
    what: `${(free / gigabyte).toFixed(1)} GB of disk are free for ${short.filter((folder) => freeBytes(folder) === free).join(", ")}; the set-up needs ${freeGigabytes} GB`,
    remedy: "make room there, or set XDG_CACHE_HOME to a folder on another disk for the caches",
  }));
}

/**
 * The ports on the command line, by option.
 * @param {readonly string[]} args as for `lectern demo`
 * @returns {{ option: string, value: string }[]}
 */
export function namedPorts(args) {
  return ["--https-port", "--rtmp-port", "--admin-port"].flatMap((option) => {
    const at = args.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
    if (at === -1) return [];
    return [{ option, value: args[at] === option ? (args[at + 1] ?? "") : (args[at] ?? "").slice(option.length + 1) }];
  });
}

/**
 * Checks that each port is a valid number and free at 127.0.0.1. If not, the remedy names the next free port.
 * @param {readonly { option: string, value: string }[]} ports
 * @returns {Promise<Problem[]>}
 */
export async function checkPorts(ports) {
  /** @type {Problem[]} */
  const problems = [];
  for (const { option, value } of ports) {
    const port = Number(value);
    if (!Number.isInteger(port) || port < 1 || port > lastPort) {
      problems.push({ what: `${option} ${value}: not a port`, remedy: `give a number from 1 to ${lastPort}` });
      continue;
    }
    const free = await nextFreePort(port);
    if (free === port) continue;
    const remedy = free === undefined ? "give a lower one" : `${option} ${free} is free`;
    problems.push({ what: `${option} ${port}: the port is taken by another program, or closed to this user`, remedy });
  }
  return problems;
}

/** @param {number} from */
async function nextFreePort(from) {
  for (let port = from; port <= lastPort; port++) if (await isFree(port)) return port;
  return undefined;
}

/** @param {number} port */
async function isFree(port) {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
