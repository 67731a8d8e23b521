import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../../src/lib/programs.ts";
import { output } from "../process/output.ts";

/** What somebody who knows Owncast's public defaults has got so far. */
export interface Attack {
  /** Log-ins with admin:abc123 that were let in, of how many that got any answer. */
  readonly admin: { readonly won: number; readonly answered: number };
  /** Publishes with key abc123 that were taken, of how many that reached a server. */
  readonly ingest: { readonly won: number; readonly answered: number };
}

export interface AttackTargets {
  /** Addresses that might be Owncast's or lead to it. */
  readonly web: readonly string[];
  readonly rtmp: string;
  /** Runs a command where the target can be reached: itself, or inside a namespace. */
  readonly enter?: (command: readonly string[]) => readonly string[];
}

const adminPaths = [
  "/api/admin/serverconfig",
  "//api/admin/serverconfig",
  "/api//admin/serverconfig",
  "/API/admin/serverconfig",
  "/api/%61dmin/serverconfig",
  "/x/../api/admin/serverconfig",
];
const credentials = "admin:abc123";

/** An attack that goes on. */
export interface RunningAttack {
  soFar(): Attack;
  stop(): Promise<Attack>;
}

/** Tries the public password and key in a loop, from before anything listens, until stopped. */
export function startAttack({ web, rtmp, enter = (command) => command }: AttackTargets): RunningAttack {
  const admin = { won: 0, answered: 0 };
  const ingest = { won: 0, answered: 0 };
  let running = true;
  const run = (command: readonly string[]) => output(enter(command));
  const tryAdmin = async () => {
    while (running) {
      for (const address of web)
        for (const path of adminPaths) {
          const curl = [
            "curl",
            "-sk",
            "--path-as-is",
            "-m",
            "3",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "-u",
            credentials,
            "-H",
            `Origin: ${address}`,
            `${address}${path}`,
          ];
          const { stdout } = await run(curl);
          if (stdout !== "000") admin.answered += 1;
          if (stdout === "200") admin.won += 1;
        }
      await sleep(20);
    }
  };
  const tryIngest = async () => {
    while (running) {
      const camera = [
        "-hide_banner",
        "-loglevel",
        "error",
        "-re",
        "-f",
        "lavfi",
        "-i",
        "color=size=64x64:rate=10",
        "-t",
        "1",
      ];
      const { code, stderr } = await run([
        findProgram("ffmpeg"),
        ...camera,
        "-c:v",
        "libx264",
        "-f",
        "flv",
        `${rtmp}/abc123`,
      ]);
      if (!/refused/i.test(stderr)) ingest.answered += 1;
      if (code === 0) ingest.won += 1;
      await sleep(20);
    }
  };
  const loops = [tryAdmin(), tryIngest()];
  return {
    soFar: () => ({ admin, ingest }),
    async stop() {
      running = false;
      await Promise.all(loops);
      return { admin, ingest };
    },
  };
}
