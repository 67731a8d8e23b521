import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as othersTurn, setTimeout as sleep } from "node:timers/promises";
import { isExhaustive } from "../exhaustive.ts";

/** What everybody on the machine, or root alone, may read of a process. */
export interface Sighting {
  readonly where: "argv" | "environment";
  readonly pid: string;
  readonly bytes: Buffer;
}

export interface ProcessWatch {
  /** Everything seen so far, each once. */
  readonly sightings: readonly Sighting[];
  /** How often it looked at all processes. */
  rounds(): number;
  /** Drops what was seen of these processes, which have ended. */
  forget(pids: readonly (number | undefined)[]): void;
  stop(): Promise<void>;
}

// Short-lived processes are seen by frequent looks, which take a processor for themselves.
const everyMs = isExhaustive ? 2 : 10;
const files = { argv: "cmdline", environment: "environ" } as const;

/**
 * Looks at the arguments and the environment of every process of this machine, again and again, and keeps what it saw:
 * so that a secret that becomes known only later can still be looked for.
 */
export function watchProcesses(): ProcessWatch {
  const sightings: Sighting[] = [];
  const seen = new Set<string>();
  let running = true;
  let rounds = 0;
  const look = () => {
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid) || pid === `${process.pid}`) continue;
      for (const where of ["argv", "environment"] as const) {
        const bytes = readOrEmpty(`/proc/${pid}/${files[where]}`);
        const key = `${where} ${createHash("sha1").update(bytes).digest("base64")}`;
        if (bytes.length === 0 || seen.has(key)) continue;
        seen.add(key);
        sightings.push({ where, pid, bytes });
      }
    }
    rounds += 1;
  };
  const watching = (async () => {
    for (; running; await sleep(everyMs)) {
      // Timers alone, of two watches at once, would leave nothing else its turn.
      await othersTurn();
      look();
    }
    look();
  })();
  return {
    sightings,
    rounds: () => rounds,
    forget(pids) {
      const left = sightings.filter(({ pid }) => !pids.includes(Number(pid)));
      sightings.splice(0, sightings.length, ...left);
    },
    async stop() {
      running = false;
      await watching;
    },
  };
}

/** A process may end while it is read, and another user's environment is not for everybody. */
function readOrEmpty(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
