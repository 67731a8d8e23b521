import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as othersTurn, setTimeout as sleep } from "node:timers/promises";
import { isExhaustive } from "../exhaustive.ts";

/** What all users of the machine, or root alone, can read about a process. */
export interface Sighting {
  readonly where: "argv" | "environment";
  readonly pid: string;
  readonly bytes: Buffer;
}

export interface ProcessWatch {
  /** Everything seen so far, each once. */
  readonly sightings: readonly Sighting[];
  /** Number of looks at all processes. */
  rounds(): number;
  /** Drops the records of these processes, which have ended. */
  forget(pids: readonly (number | undefined)[]): void;
  stop(): Promise<void>;
}

// Only frequent looks see short-lived processes. The looks need a processor for themselves.
const everyMs = isExhaustive ? 2 : 10;
const files = { argv: "cmdline", environment: "environ" } as const;

/**
 * Looks at the arguments and the environment of every process of this machine in a loop, and keeps them all: so a scan can
 * still find a secret that becomes known only later.
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
      // With timers alone, two watches at once would let no other code run.
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

/** Empty if the process has ended meanwhile, or if this user may not read its environment. */
function readOrEmpty(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
