import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { endProcess } from "../lib/child-process.ts";
import { reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { findProgram } from "../lib/programs.ts";
import type { Link } from "./link-option.ts";

/** More about a line than people say with `--link`. */
export interface LineOptions extends Pick<Link, "roundTripMs">, Partial<Pick<Link, "lossPercent" | "mbps">> {
  /** A packet that would wait longer for the line is dropped. Default: 100. */
  readonly queueMs?: number;
  /** The same seed loses the same packets, counted from the first one. Default: 1. */
  readonly seed?: number;
  /** The congestion control of TCP senders on the near side. Default: this machine's. */
  readonly congestion?: "bbr" | "cubic" | "reno";
  /** From 0 to 255: gives each line its own device and addresses. Default: 0. */
  readonly number?: number;
  /** Each connection has the rate and the queue for itself. Default: all share them. */
  readonly perConnection?: boolean;
  /**
   * Sets `tcp_no_metrics_save` on the near side, so that no connection learns from an earlier one. If false, only what the near
   * side knows from before the line is removed. Default: true.
   */
  readonly changesNear?: boolean;
}

/** What a line did one way. */
export interface DirectionReport {
  readonly packets: number;
  readonly bytes: number;
  /** Lost at random, as asked for. */
  readonly lost: number;
  readonly lossPercent: number;
  /** Found the queue full. */
  readonly dropped: number;
  /** Delivered over 5 ms late, because this machine was busy. */
  readonly latePercent: number;
  readonly mostLateMs: number;
  /** The longest wait in the queue. */
  readonly longestWaitMs: number;
}

/** `down` leads to the viewers. */
export type LineReport = Readonly<Record<"down" | "up", DirectionReport>>;

/** A line to viewers far away, by the program far-link. It ends with `end` or with this process. */
export interface Line {
  /** IPv4, on the side of the servers. */
  readonly nearAddress: string;
  /** IPv4, on the side of the viewers. */
  readonly farAddress: string;
  /** Takes the line away and resolves to what it did. Rejects if the line ended before. */
  end(): Promise<LineReport>;
}

/** More late packets than this, and a measurement says more about this machine than about the line. */
export const mostLatePercent = 5;

const hangGuardMs = 10_000;
const mostLines = 256;

/** Whether the packets came in time, for a person; undefined if they did. If not, a measurement says more about this machine. */
export function lateness({ down, up }: LineReport): string | undefined {
  const late = Math.max(down.latePercent, up.latePercent);
  if (late <= mostLatePercent) return undefined;
  return `${late.toFixed(1)} % of the packets came over 5 ms late (at most ${mostLatePercent} %)`;
}

/** Why what was measured over the line counts for nothing; undefined if it counts. */
export function whyInconclusive(report: LineReport): string | undefined {
  const late = lateness(report);
  return late && `this machine was too busy: ${late}`;
}

/** A network namespace: its file, and how to run a command in it. */
export interface Side {
  readonly file: string;
  enter(command: readonly string[]): string[];
}

/** The network of this process. */
const here: Side = { file: "/proc/self/ns/net", enter: (command) => [...command] };

/**
 * Joins two networks by a line. Both get an address of the line, and the near one a route with the congestion control. Throws
 * CliError 1 if far-link is missing or a device or a route cannot be made.
 */
export async function layLine({ near = here, far }: { near?: Side; far: Side }, options: LineOptions): Promise<Line> {
  const { roundTripMs, lossPercent = 0, mbps = 20, queueMs = 100, seed = 1, number = 0 } = options;
  const { perConnection = false, changesNear = true } = options;
  const device = `far${number}`;
  const [nearAddress, farAddress] = [`${network(number)}1`, `${network(number)}2`];
  const flags = [
    ...["-near", near.file, "-far", far.file, "-device", device],
    ...["-rtt", `${roundTripMs}ms`, "-rate", `${mbps}`, "-queue", `${queueMs}ms`, "-seed", `${seed}`],
    ...["-loss-down", `${lossPercent}`, "-loss-up", `${lossPercent}`, `-per-connection=${perConnection}`],
  ];
  // Its input is a pipe from here: the line ends when this process does. Without the right to a higher priority, `nice` runs it as it is.
  const link = spawn("nice", ["-n", "-15", findProgram("farLink"), ...flags], {
    stdio: ["pipe", "pipe", "pipe"],
    // A session of its own: the terminal's Ctrl-C must not take the line from the viewers.
    detached: true,
  });
  const end = await whenReady(link);
  try {
    const route = options.congestion === undefined ? "" : `congctl ${options.congestion}`;
    await giveAddress(near, { device, own: nearAddress, other: farAddress, route, remembers: !changesNear });
    await giveAddress(far, { device, own: farAddress, other: nearAddress, route: "", remembers: false });
  } catch (error) {
    await end();
    throw error;
  }
  return { nearAddress, farAddress, end };
}

const network = (number: number): string => `10.77.${number}.`;

type Piped = ChildProcessByStdio<Writable, Readable, Readable>;

/** Resolves to the line's end once both devices are there. */
async function whenReady(link: Piped): Promise<Line["end"]> {
  let said = "";
  link.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-1000);
  });
  const ended = once(link, "close") as Promise<[number | null]>;
  const failed = (what: string) =>
    new CliError(
      ExitCode.failed,
      `${what}: ${said.trim() || "far-link gave no reason"}`,
      "run it as root, on Linux with TUN devices (`modprobe tun`)",
    );
  const lines = createInterface({ input: link.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") {
    await ended;
    throw failed("the line to viewers far away cannot be made");
  }
  return async () => {
    link.stdin.end();
    const hangGuard = setTimeout(() => link.kill("SIGKILL"), hangGuardMs);
    const report = await lines.next();
    const [code] = await ended;
    clearTimeout(hangGuard);
    if (code !== 0) throw failed("the line to viewers far away ended by itself");
    return JSON.parse(report.value) as LineReport;
  };
}

interface Address {
  readonly device: string;
  readonly own: string;
  readonly other: string;
  /** Options of the route. */
  readonly route: string;
  /** Whether connections learn from earlier ones over this line, or from none. */
  readonly remembers: boolean;
}

/** Gives a side its address and its route. From then on, its connections learn nothing from those before the line. */
async function giveAddress({ enter }: Side, { device, own, other, route, remembers }: Address): Promise<void> {
  const script = `
    ip link set ${device} mtu 1500 txqueuelen 10000 up
    ip addr add ${own}/32 dev ${device}
    ip route replace ${other}/32 dev ${device} src ${own} ${route}
    ${remembers ? `ip tcp_metrics delete ${other} 2>/dev/null || true` : "echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save"}`;
  const [program = "", ...words] = enter(["sh", "-ec", script]);
  await promisify(execFile)(program, words, { timeout: hangGuardMs }).catch((error: unknown) => {
    throw new CliError(
      ExitCode.failed,
      `the line's side ${own} cannot be set up: ${reasonOf(error)}`,
      `it needs iproute2's \`ip\`, root's rights, and a kernel that has ${route || "TUN devices"}`,
    );
  });
}

/** A line, and the network of the viewers at its other end. */
export interface FarSide extends Line, Side {}

/**
 * Makes a network for viewers, and a line from this process's network to it. `enter` runs a command there, such as this program itself: it
 * reaches servers of this machine at `nearAddress`, and nothing else. Without a number, it takes one that is free here. Throws
 * CliError 1 as `layLine` does.
 */
export async function startFarSide(options: LineOptions): Promise<FarSide> {
  const holder = await startHolder();
  const file = `/proc/${holder.pid}/ns/net`;
  const side: Side = { file, enter: (command) => ["nsenter", `--net=${file}`, "--", ...command] };
  const lay = options.number === undefined ? layWhereFree : layLine;
  const line = await lay({ far: side }, options).catch(async (error: unknown) => {
    await endProcess(holder);
    throw error;
  });
  return {
    ...{ ...side, ...line },
    async end() {
      try {
        return await line.end();
      } finally {
        await endProcess(holder);
      }
    },
  };
}

/** Lays a line with a number whose device and addresses nothing on this machine has. */
async function layWhereFree(sides: { far: Side }, options: LineOptions): Promise<Line> {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
  for (let number = 0; number < mostLines; number++) {
    if (addresses.some((address) => address.startsWith(network(number)))) continue;
    try {
      return await layLine(sides, { ...options, number });
    } catch (error) {
      // Another rehearsal that began at the same time has this device.
      if (!`${error}`.includes("device or resource busy")) throw error;
    }
  }
  throw new CliError(
    ExitCode.failed,
    "no address is left for a line to viewers far away",
    "end other rehearsals first",
  );
}

/** A process that keeps a network namespace. It ends with this process: its input is a pipe from here. */
async function startHolder(): Promise<ChildProcess> {
  const holder = spawn("unshare", ["--net", "--", "sh", "-c", "ip link set lo up && echo ready && exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const failed = once(holder, "exit").then(() => {
    throw new CliError(
      ExitCode.failed,
      "no network for viewers far away can be made: see the line above",
      "run it as root; it needs util-linux's `unshare` and iproute2's `ip`",
    );
  });
  failed.catch(() => {});
  await Promise.race([once(holder.stdout, "data"), failed]);
  return holder;
}
