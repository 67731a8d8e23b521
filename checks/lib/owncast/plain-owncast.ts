import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../src/lib/free-port.ts";
import { findProgram } from "../../../src/lib/programs.ts";
import { startPart } from "../../../src/local/part.ts";
import { parseRtmpUrl, type RtmpTarget } from "../../../src/media/rtmp/rtmp-target.ts";
import { makePrivateNetwork, type PrivateNetwork } from "../process/private-network.ts";
import { setCheapPassword } from "./cheap-password.ts";

/** A fresh Owncast, started as in its own documentation, in a network of its own. */
export interface PlainOwncast {
  /** Its address, from loopback. */
  readonly url: string;
  /** Its RTMP address, from loopback. */
  readonly rtmp: RtmpTarget;
  /** The folder of its segments. */
  readonly hlsDir: string;
  /** Its network. In it, the web server is at 127.0.0.1:8080, and RTMP is at port 1935 of every address. */
  readonly network: PrivateNetwork;
  /** Asks the admin API with the password that it was started with. */
  admin(path: string, init?: RequestInit): Promise<Response>;
  /** Its process. */
  pid(): number;
  /** Ends it at once, like a crash. */
  kill(): Promise<void>;
  /** Starts it again with its earlier state; resolves when it responds. */
  start(): Promise<void>;
  /** Starts it again with this admin password, which is cheap to compare until the admin API sets another. */
  restartWith(password: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it with the public password; resolves when it responds. */
export const startPlainOwncast = (): Promise<PlainOwncast> => startWith(`exec '${findProgram("ffmpeg")}' "$@"`);

/** Starts one without an encoder, for tests about settings. Its password is cheap to compare. */
export async function startSettingsOwncast(password = "abc123"): Promise<PlainOwncast> {
  const owncast = await startWith("exit 0");
  await owncast.restartWith(password);
  return owncast;
}

async function startWith(encode: string): Promise<PlainOwncast> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-plain-"));
  for (const name of ["bin", "state"]) mkdirSync(join(folder, name));
  // Owncast lists encoders at each read of its settings, which takes ffmpeg 110 ms of processor time.
  const ffmpeg = `#!/bin/sh\ncase "$*" in *-encoders*) exit 0 ;; esac\n${encode}\n`;
  writeFileSync(join(folder, "bin/ffmpeg"), ffmpeg, { mode: 0o755 });
  const network = await makePrivateNetwork();
  const flags = ["-webserverip", "127.0.0.1", "-webserverport", "8080", "-rtmpport", "1935"];
  const launch = () =>
    startPart(network.enter([findProgram("owncast"), ...flags]), {
      name: "Owncast",
      logFile: join(folder, "log"),
      cwd: join(folder, "state"),
      env: { ...process.env, PATH: [join(folder, "bin"), process.env.PATH].join(delimiter) },
    });
  let owncast = launch();
  const port = await freePort();
  await network.open(port, 8080);
  const rtmpPort = await freePort();
  await network.open(rtmpPort, 1935);
  const url = `http://127.0.0.1:${port}`;
  let logIn = "admin:abc123";
  const ask = (path: string, init: RequestInit = {}) => {
    const authorization = `Basic ${Buffer.from(logIn).toString("base64")}`;
    return fetch(`${url}/api/admin/${path}`, { ...init, headers: { authorization } });
  };
  const answers = async () => {
    const answer = await fetch(`${url}/api/status`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    return answer?.ok;
  };
  const untilAnswers = async () => {
    // fetch can wait forever if a connection closes before it carries data: hence the time-out for each try.
    for (let tries = 0; !(await answers()); tries++) {
      if (tries > 600) throw new Error("plain Owncast does not answer");
      await sleep(50);
    }
  };
  await untilAnswers();
  const start = async () => {
    owncast = launch();
    await untilAnswers();
  };
  return {
    url,
    rtmp: parseRtmpUrl(`rtmp://127.0.0.1:${rtmpPort}/live`),
    ...{ hlsDir: join(folder, "state/data/hls"), network },
    // If Owncast has ended, show its last lines: fetch says only that it failed.
    admin: (path, init) => Promise.race([ask(path, init), owncast.died]),
    pid: () => owncast.pid as number,
    kill: () => owncast.stop(),
    start,
    async restartWith(password) {
      await owncast.stop();
      setCheapPassword(join(folder, "state/data/owncast.db"), password);
      logIn = `admin:${password}`;
      await start();
    },
    async stop() {
      await owncast.stop();
      await network.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
