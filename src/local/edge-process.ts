import { existsSync, readFileSync, rmSync, unwatchFile, watchFile } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../lib/programs.ts";
import { certificateFile, innerSocketFile } from "./edge-site.ts";
import { type Part, startPart } from "./part.ts";

/** How long a killed edge stays away. On a host, systemd starts nginx again after 10 s. */
export const backAfterSeconds = 20;
const lookEveryMs = 200;
// Caddy renews its certificates every few hours.
const renewedEveryMs = 60_000;

/** One edge's nginx. If it dies, it comes back. */
export class EdgeProcess {
  readonly #name: string;
  readonly #folder: string;
  readonly #killFile: string;
  readonly #say: (line: string) => void;
  readonly #stopped = new AbortController();
  readonly #looking: NodeJS.Timeout;
  readonly #backAfterMs: number;
  #nginx: Part | undefined;

  /**
   * `folder` holds nginx.conf. If somebody makes `killFile`, nginx is killed. `say` gets nginx's last words each time that it dies.
   * Tests pass a shorter `backAfterMs`.
   */
  constructor(
    name: string,
    folder: string,
    killFile: string,
    say: (line: string) => void,
    backAfterMs = backAfterSeconds * 1000,
  ) {
    this.#backAfterMs = backAfterMs;
    this.#name = name;
    this.#folder = folder;
    this.#killFile = killFile;
    this.#say = say;
    this.#looking = setInterval(() => this.#look(), lookEveryMs);
    watchFile(this.#certificate, { persistent: false, interval: renewedEveryMs }, () => this.#reload());
  }

  /** Starts nginx. Rejects if it was stopped meanwhile. The result's `died` never resolves, and rejects if this nginx ends by itself. */
  async start(): Promise<{ readonly died: Promise<never> }> {
    // A killed nginx leaves it, and then cannot listen there.
    await rm(join(this.#folder, innerSocketFile), { force: true });
    this.#stopped.signal.throwIfAborted();
    const nginx = startPart([findProgram("nginx"), "-e", "stderr", "-p", this.#folder, "-c", "nginx.conf"], {
      ...{ name: `the edge ${this.#name}`, logFile: join(this.#folder, "nginx.log"), cwd: this.#folder },
      // nginx itself reads the variable NGINX as a list of sockets.
      env: { ...process.env, NGINX: undefined },
    });
    this.#nginx = nginx;
    void nginx.died.catch(async (error: Error) => {
      // Another process may get its number.
      this.#nginx = undefined;
      this.#say(error.message);
      const isWaitOver = await sleep(this.#backAfterMs, true, { signal: this.#stopped.signal }).catch(() => false);
      if (isWaitOver) await this.start().catch((reason: Error) => this.#say(reason.message));
    });
    return { died: nginx.died };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#looking);
    unwatchFile(this.#certificate);
    await this.#nginx?.stop();
  }

  get #certificate(): string {
    return join(this.#folder, certificateFile);
  }

  /** A person cannot send the signal: outside of the demo's namespaces, its processes have other numbers. */
  #look(): void {
    if (!existsSync(this.#killFile)) return;
    rmSync(this.#killFile, { force: true, recursive: true });
    const pid = this.#nginx?.pid;
    if (pid === undefined) return;
    for (const each of [pid, ...childrenOf(pid)]) kill(each, "SIGKILL");
  }

  #reload(): void {
    const pid = this.#nginx?.pid;
    if (pid !== undefined) kill(pid, "SIGHUP");
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
