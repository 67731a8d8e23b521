import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess } from "../../../src/lib/child-process.ts";
import type { Outcome } from "../process/machine.ts";

/** The result of a connection: `open` if the other side has sent data, `silent` after 0.7 s without any. */
export type Reached = "open" | "refused" | "silent" | (string & {});

/** The address and port to connect to, and the outside's address to connect from. */
export interface Try {
  readonly address: string;
  readonly port: number;
  readonly from?: string;
}

/**
 * A host with the firewall's programs and its own users, and an outside with a cable to it: two network namespaces. Servers
 * listen on all `ports`, on every interface.
 */
export interface WalledHost {
  /** Runs shell commands as the host's root, in the folder with the files of `write`. */
  run(script: string): Promise<Outcome>;
  write(name: string, content: string): void;
  /** Replaces the host's users: their numbers by name, in addition to root. */
  setUsers(users: Readonly<Record<string, number>>): void;
  /** Connects from the outside. */
  fromOutside(tries: readonly Try[]): Promise<Reached[]>;
  /** Connects on the host itself, as the user with this number. */
  asUser(uid: number, tries: readonly Try[]): Promise<Reached[]>;
  stop(): Promise<void>;
}

/** Addresses of the host's uplink, by the outside's address in the same network. */
export const uplink = {
  "10.9.0.2": "10.9.0.1",
  "192.0.2.2": "192.0.2.1",
  "fd00:9::2": "fd00:9::1",
  "2001:db8:9::2": "2001:db8:9::1",
} as const;

/** The interface of the host that leads outside. */
export const uplinkName = "uplink";

/** What this machine lacks for a test with these hosts, and the command that installs it; undefined if it lacks nothing. */
export function lacksFirewalls(): string | undefined {
  const programs = ["iptables", "ip6tables", "iptables-legacy", "nft"];
  const missing = programs.filter((name) => spawnSync(name, ["--version"], { env: environment() }).error);
  return missing.length === 0
    ? undefined
    : `${missing.join(", ")} → apt-get install -y --no-install-recommends iptables nftables`;
}

/** Why a test cannot act as several users; undefined if it can. */
export function lacksUsers(): string | undefined {
  const { status } = spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "true"]);
  return status === 0 ? undefined : "root → sudo npm run test:e2e";
}

const environment = (bin = ""): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH}:/usr/sbin:/sbin`,
});

// Responds to any data with one word: so "open" means that data went both ways.
const listener = `
const net = require("node:net");
const ports = JSON.parse(process.argv[1]);
Promise.all(ports.map((port) => new Promise((resolve, reject) => {
  net.createServer((socket) => socket.on("error", () => {}).end("open")).listen(port, "::", resolve).on("error", reject);
}))).then(() => console.log("ready"));`;

const connector = `
const net = require("node:net");
const reach = ({ address, port, from }) => new Promise((resolve) => {
  const socket = net.connect({ host: address, port, ...(from && { localAddress: from }) });
  // Two timers: between them Node reads a response that came while this process waited for a processor.
  setTimeout(() => setTimeout(() => resolve("silent") || socket.destroy(), 200), 500);
  socket.on("data", (word) => resolve(String(word)));
  socket.on("error", ({ code }) => resolve(code === "ECONNREFUSED" ? "refused" : code));
});
Promise.all(JSON.parse(process.argv[1]).map(reach)).then((all) => console.log(JSON.stringify(all)) || process.exit());`;

/** Makes the two and connects them. `legacy` gives the host the older iptables under the usual names. */
export async function startWalledHost(ports: readonly number[], { legacy = false } = {}): Promise<WalledHost> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-walled-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  if (legacy) for (const name of ["iptables", "ip6tables"]) symlinkSync(whereIs(`${name}-legacy`), join(bin, name));
  const passwd = join(folder, "passwd");
  const setUsers: WalledHost["setUsers"] = (users) => {
    const line = ([name, uid]: [string, number]) => `${name}:x:${uid}:${uid}::/:/bin/sh\n`;
    // Overwrite the file in place: the host has it as a mount.
    writeFileSync(
      passwd,
      Object.entries({ root: 0, ...users })
        .map(line)
        .join(""),
    );
  };
  setUsers({});
  const env = environment(bin);
  const host = await startHolder(["--mount", "--propagation", "private"], `mount --bind '${passwd}' /etc/passwd`);
  const outside = await startHolder([], "true");
  const run = (holder: ChildProcess, words: readonly string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const args = [`--target=${holder.pid}`, "--net", ...(holder === host ? ["--mount"] : []), "--", ...words];
      execFile("nsenter", args, { env, cwd: folder }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
      );
    });
  const succeed = async (holder: ChildProcess, words: readonly string[]) => {
    const { code, stdout, stderr } = await run(holder, words);
    if (code !== 0) throw new Error(`${words.join(" ").slice(0, 200)}: exit code ${code}\n${stderr}`);
    return stdout;
  };
  await succeed(host, [
    "ip",
    "link",
    "add",
    uplinkName,
    "type",
    "veth",
    "peer",
    "name",
    "wire",
    "netns",
    `${outside.pid}`,
  ]);
  await succeed(host, ["sh", "-ec", addressing(uplinkName, Object.values(uplink))]);
  await succeed(outside, ["sh", "-ec", addressing("wire", Object.keys(uplink))]);
  const words = [`--target=${host.pid}`, "--net", "--", process.execPath, "-e", listener, JSON.stringify(ports)];
  const listening = spawn("nsenter", words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(listening.stdout, "data");
  const connect = (tries: readonly Try[]) => [process.execPath, "-e", connector, JSON.stringify(tries)];
  return {
    run: (script) => run(host, ["bash", "-c", `cd "$0" && { ${script}; }`, folder]),
    write: (name, content) => writeFileSync(join(folder, name), content),
    setUsers,
    fromOutside: async (tries) => JSON.parse(await succeed(outside, connect(tries))),
    async asUser(uid, tries) {
      const become = uid === 0 ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
      return JSON.parse(await succeed(host, [...become, ...connect(tries)]));
    },
    async stop() {
      for (const child of [listening, host, outside]) await endProcess(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const whereIs = (program: string): string =>
  spawnSync("sh", ["-c", `command -v ${program}`], { env: environment(), encoding: "utf8" }).stdout.trim();

/** Addresses are ready at once, without a check for duplicates: no other host has them. */
const addressing = (link: string, addresses: readonly string[]): string =>
  [
    `ip link set ${link} up`,
    ...addresses.map((address) =>
      address.includes(":") ? `ip addr add ${address}/64 dev ${link} nodad` : `ip addr add ${address}/24 dev ${link}`,
    ),
  ].join("\n");

/** Starts a process that owns namespaces. It ends with this process: its input is a pipe from here. */
async function startHolder(flags: readonly string[], prepare: string): Promise<ChildProcess> {
  const script = `${prepare} && ip link set lo up && echo ready && exec cat`;
  const holder = spawn("unshare", ["--net", ...flags, "--", "sh", "-c", script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: environment(),
  });
  await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit").then(() => {
      throw new Error("the host's namespaces could not be made: see the line above");
    }),
  ]);
  return holder;
}

/** Reads the golden host's file. */
export const readGolden = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8"));
