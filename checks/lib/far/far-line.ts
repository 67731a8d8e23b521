import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Link } from "../../../src/rehearse/link-option.ts";
import { output } from "../process/output.ts";
import type { PrivateNetwork } from "../process/private-network.ts";
import { named } from "../systemd/from-set-up.ts";

/** A line to viewers far away (tools/far-link). By default it loses nothing and carries 20 Mbit/s. */
export interface FarLineOptions extends Pick<Link, "roundTripMs">, Partial<Pick<Link, "lossPercent" | "mbps">> {
  /** A packet that would wait longer for the line is dropped. Default: 100. */
  readonly queueMs?: number;
  /** The same seed loses the same packets, counted from the first one. Default: 1. */
  readonly seed?: number;
  /** The congestion control of TCP senders on the near side. Default: the kernel's. */
  readonly congestion?: "bbr" | "cubic" | "reno";
  /** From 0 to 255: gives each line of a test its own device and addresses. Default: 0. */
  readonly number?: number;
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

export interface FarLine {
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

/** Why what was measured over the line counts for nothing; undefined if it counts. */
export function whyInconclusive(report: LineReport): string | undefined {
  const late = Math.max(report.down.latePercent, report.up.latePercent);
  return late <= mostLatePercent
    ? undefined
    : `this machine was too busy: ${late.toFixed(1)} % of the packets came over 5 ms late (at most ${mostLatePercent} %)`;
}

/**
 * Joins two networks by a line, this process's network if `near` is not given. Both get an address of the line, and a route with
 * the congestion control. The line ends with `end` or with this process. Rejects if a device or a route cannot be made.
 */
export async function layFarLine(
  { near, far }: { readonly near?: PrivateNetwork; readonly far: PrivateNetwork },
  options: FarLineOptions,
): Promise<FarLine> {
  const { roundTripMs, lossPercent = 0, mbps = 20, queueMs = 100, seed = 1, number = 0 } = options;
  const device = `far${number}`;
  const [nearAddress, farAddress] = [`10.77.${number}.1`, `10.77.${number}.2`];
  const flags = [
    ...["-far", far.file, ...(near ? ["-near", near.file] : []), "-device", device],
    ...["-rtt", `${roundTripMs}ms`, "-rate", `${mbps}`, "-queue", `${queueMs}ms`, "-seed", `${seed}`],
    ...["-loss-down", `${lossPercent}`, "-loss-up", `${lossPercent}`],
  ];
  // Its input is a pipe from here: the line ends when this process does.
  const link = spawn(named("FAR_LINK"), flags, { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(link, "exit") as Promise<[number | null]>;
  const lines = createInterface({ input: link.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") throw new Error("the line could not be laid: see the line above");
  const end = async () => {
    link.stdin.end();
    const hangGuard = setTimeout(() => link.kill("SIGKILL"), hangGuardMs);
    const report = await lines.next();
    const [code] = await exit;
    clearTimeout(hangGuard);
    if (code !== 0) throw new Error("the line ended by itself: see the line above");
    return JSON.parse(report.value) as LineReport;
  };
  try {
    const route = options.congestion === undefined ? "" : `congctl ${options.congestion}`;
    await addressed(near, { device, own: nearAddress, other: farAddress, route });
    await addressed(far, { device, own: farAddress, other: nearAddress, route: "" });
  } catch (error) {
    await end();
    throw error;
  }
  return { nearAddress, farAddress, end };
}

interface Side {
  readonly device: string;
  readonly own: string;
  readonly other: string;
  /** Options of the route. */
  readonly route: string;
}

/** Gives a side its address and its route. From then on, a connection learns nothing from earlier ones. */
async function addressed(network: PrivateNetwork | undefined, { device, own, other, route }: Side): Promise<void> {
  const script = `
    ip link set ${device} mtu 1500 txqueuelen 10000 up
    ip addr add ${own}/32 dev ${device}
    ip route replace ${other}/32 dev ${device} src ${own} ${route}
    echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save`;
  const command = ["sh", "-ec", script];
  const { code, stderr } = await output(network ? network.enter(command) : command);
  if (code !== 0) throw new Error(`the line's side ${own} (${route || "no congestion control given"}): ${stderr}`);
}
