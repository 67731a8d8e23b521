import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess } from "../../../src/lib/child-process.ts";
import { findProgram } from "../../../src/lib/programs.ts";
import { type Part, startPart } from "../../../src/local/part.ts";
import { lecternCommand } from "./lectern-command.ts";

/**
 * A host for commands that name a host's own files and addresses. It has a network of its own with loopback alone, its own
 * `/etc` and `/var/lib` on top of this machine's, and `lectern`, `owncast`, `caddy` and `ffmpeg` on PATH. Only its own processes
 * see the files that they write.
 */
export interface Machine {
  /** A folder of this machine that holds the host's `/etc` and `/var/lib`, and logs. */
  readonly folder: string;
  /** Writes a file to an absolute path under the host's `/etc` or `/var/lib`, and makes its folders. */
  write(path: string, content: string | Uint8Array, mode?: number): void;
  /** The path on this machine of a path on the host. */
  outside(path: string): string;
  /** Runs a command line as root's shell does. Resolves to its result, also if it fails. */
  run(line: string): Promise<Outcome>;
  /** The same; resolves to its standard output. Rejects if it fails. */
  succeed(line: string): Promise<string>;
  /** Runs it again and again until it succeeds, for up to a minute. */
  untilSucceeds(line: string): Promise<string>;
  /** Starts a command line and watches it. It ends with the machine. */
  start(name: string, line: string): Part;
  stop(): Promise<void>;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const shadowed = ["/etc", "/var/lib"] as const;

// Mounts folders, and copies the readable files. Not an overlay: some file systems do not allow one on top of them.
const shadow = `
set -e
ip link set lo up
for root in ${shadowed.join(" ")}; do
  for entry in "$root"/* "$root"/.[!.]*; do
    own="$1$entry"
    [ ! -e "$own" ] || continue
    if [ -d "$entry" ] && [ ! -L "$entry" ]; then mkdir "$own" && mount --rbind "$entry" "$own"
    elif [ -L "$entry" ] || [ -r "$entry" ]; then cp -dR "$entry" "$own"; fi
  done
  mount --rbind "$1$root" "$root"
done
echo ready
exec cat`;

/** The `/etc/hosts` of a host with these names. */
export const namesOfHost = (names: readonly string[]): string => `127.0.0.1 localhost ${names.join(" ")}\n`;

/** Makes the host. Its names resolve to itself. Its processes end with `stop`, its namespaces with its last process. */
export async function startMachine(hostNames: readonly string[]): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-machine-"));
  const outside = (path: string) => {
    if (!shadowed.some((root) => path.startsWith(`${root}/`))) throw new Error(`${path} is this machine's own`);
    return join(folder, path);
  };
  const write: Machine["write"] = (path, content, mode = 0o644) => {
    mkdirSync(dirname(outside(path)), { recursive: true });
    writeFileSync(outside(path), content, { mode });
  };
  for (const root of shadowed) mkdirSync(join(folder, root), { recursive: true });
  write("/etc/hosts", namesOfHost(hostNames));
  const holder = await startHolder(folder);
  const enter = (line: string) => ["nsenter", `--target=${holder.pid}`, "--net", "--mount", "--", "bash", "-c", line];
  const env = { ...process.env, PATH: `${makeBin(folder)}:${process.env.PATH}:/usr/sbin:/sbin`, HOME: folder };
  const parts: Part[] = [];
  const run: Machine["run"] = (line) => {
    const [program = "", ...args] = enter(line);
    return new Promise((resolve) => {
      execFile(program, args, { env, cwd: folder, maxBuffer: 1e8 }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
      );
    });
  };
  const succeed: Machine["succeed"] = async (line) => {
    const { code, stdout, stderr } = await run(line);
    if (code !== 0) throw new Error(`${line}: exit code ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    folder,
    write,
    outside,
    run,
    succeed,
    async untilSucceeds(line) {
      for (let tries = 0; tries < 300; tries++) {
        const { code, stdout } = await run(line);
        if (code === 0) return stdout;
        await sleep(200);
      }
      return succeed(line);
    },
    start(name, line) {
      const part = startPart(enter(`exec ${line}`), { name, logFile: join(folder, `${name}.log`), cwd: folder, env });
      parts.push(part);
      return part;
    },
    async stop() {
      for (const part of [...parts].reverse()) await part.stop();
      await endProcess(holder);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes the folder of the host's programs. */
function makeBin(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of ["owncast", "caddy", "ffmpeg"] as const) symlinkSync(findProgram(name), join(bin, name));
  writeFileSync(join(bin, "lectern"), `#!/bin/sh\nexec ${lecternCommand().join(" ")} "$@"\n`);
  chmodSync(join(bin, "lectern"), 0o755);
  return bin;
}

/** Starts the process that owns the namespaces. It ends with this process: its input is a pipe from here. */
async function startHolder(folder: string): Promise<ChildProcess> {
  const flags = ["--net", "--mount", "--propagation", "private", "--", "sh", "-c", shadow, "sh", folder];
  const holder = spawn("unshare", flags, { stdio: ["pipe", "pipe", "inherit"] });
  await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit").then(() => {
      throw new Error("the host's namespaces could not be made: see the line above");
    }),
  ]);
  return holder;
}
