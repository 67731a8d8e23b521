import { setTimeout as sleep } from "node:timers/promises";
import { type RawTarget, rawRequest } from "../site/raw-request.ts";
import { rawCamera, wire } from "../stream/camera-wire.ts";

/** How far an attacker that knows Owncast's public defaults got so far. */
export interface Attack {
  /** Log-ins with admin:abc123: how many succeeded, and how many got any response. */
  readonly admin: { readonly won: number; readonly answered: number };
  /** Publishers with the key abc123: how many were accepted, and how many reached a server. */
  readonly ingest: { readonly won: number; readonly answered: number };
}

export interface AttackTargets {
  /** Web servers that may be Owncast or lead to it. */
  readonly web: readonly RawTarget[];
  readonly rtmpPort: number;
}

const adminPaths = [
  "/api/admin/serverconfig",
  "//api/admin/serverconfig",
  "/api//admin/serverconfig",
  "/API/admin/serverconfig",
  "/api/%61dmin/serverconfig",
  "/x/../api/admin/serverconfig",
];
const publicKey = "abc123";
const authorization = `Basic ${Buffer.from("admin:abc123").toString("base64")}`;

/** A running attack. */
export interface RunningAttack {
  soFar(): Attack;
  stop(): Promise<Attack>;
}

/** A connection that is accepted before a server is there may never be answered. */
const patienceSeconds = 5;

/** Tries are frequent while no server responds, so that they meet its first moments. Later each log-in costs Owncast 75 ms. */
const pauseMs = (answered: boolean): number => (answered ? 1000 : 100);

/** Tries the public password and key in a loop until it is stopped. Servers may start later. */
export function startAttack({ web, rtmpPort }: AttackTargets): RunningAttack {
  const admin = { won: 0, answered: 0 };
  const ingest = { won: 0, answered: 0 };
  let running = true;
  const tryPath = async (target: RawTarget, path: string) => {
    const [scheme, host] = target.site === undefined ? ["http", "127.0.0.1"] : ["https", target.site];
    const origin = `${scheme}://${host}:${target.port}`;
    const lines = [`Host: ${host}:${target.port}`, `Authorization: ${authorization}`, `Origin: ${origin}`];
    const request = `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    const { status } = await rawRequest(target, [request], patienceSeconds);
    admin.answered += 1;
    if (status === 200) admin.won += 1;
  };
  const tryAdmin = async (target: RawTarget) => {
    while (running) {
      const { answered } = admin;
      for (const path of adminPaths) await tryPath(target, path).catch(() => {});
      await sleep(pauseMs(admin.answered > answered));
    }
  };
  const tryIngest = async () => {
    for (let answered = 0; running; await sleep(pauseMs(ingest.answered > answered))) {
      answered = ingest.answered;
      const camera = await rawCamera(rtmpPort).catch(() => undefined);
      if (!camera) continue;
      camera.send(wire.greeting(publicKey));
      const isOver = () => camera.statuses().length > 0;
      for (let looks = 0; !isOver() && !camera.socket.destroyed && looks < 100; looks++) await sleep(50);
      camera.close();
      // A relay accepts connections before the server behind it does: they end without a byte.
      if (camera.answers.length > 0) ingest.answered += 1;
      if (camera.statuses().some(({ code }) => code === "NetStream.Publish.Start")) ingest.won += 1;
    }
  };
  const loops = [...web.map(tryAdmin), tryIngest()];
  return {
    soFar: () => ({ admin, ingest }),
    async stop() {
      running = false;
      await Promise.all(loops);
      return { admin, ingest };
    },
  };
}
