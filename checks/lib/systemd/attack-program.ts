// A program of its own, in a node's network or outside it. It tries Owncast's public password and stream key in a loop, until
// its parent disconnects or asks for the result.
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { openIngest } from "../../../src/media/rtmp/rtmp-ingest.ts";
import { parseRtmpUrl } from "../../../src/media/rtmp/rtmp-target.ts";
import type { Attack, AttackTarget } from "./attack.ts";

const target = JSON.parse(process.argv[2] ?? "") as AttackTarget;
const spelt = [
  "/api/admin/serverconfig",
  "//api/admin/serverconfig",
  "/api/%61dmin/serverconfig",
  "/x/../api/admin/status",
];
const pauseMs = 250;
// Each comparison of a password costs Owncast 75 ms. Tries are frequent until one comes so far, and again after each start.
const refusedPauseMs = 1000;
const admin = { won: 0, answered: 0 };
const ingest = { won: 0, answered: 0 };

process.once("message", async () => {
  // A server that came up a moment ago has received few tries yet.
  const wanted = [...(target.web.length > 0 ? [admin] : []), ...(target.rtmp.length > 0 ? [ingest] : [])];
  for (let waitedMs = 0; wanted.some(({ answered }) => answered <= 3) && waitedMs < 30_000; waitedMs += pauseMs)
    await sleep(pauseMs);
  process.send?.({ admin, ingest } satisfies Attack, () => process.exit(0));
});
process.once("disconnect", () => process.exit(0));
await Promise.all([...target.web.map(attackAdmin), ...target.rtmp.map(attackIngest)]);

async function attackAdmin(url: string): Promise<never> {
  for (;;)
    for (const path of spelt) {
      const status = await ask(url, path);
      if (status !== undefined) admin.answered += 1;
      if (status === 200) admin.won += 1;
      await sleep(status === 401 ? refusedPauseMs : pauseMs);
    }
}

/** The status of the response; undefined if there was none. */
async function ask(url: string, path: string): Promise<number | undefined> {
  const { protocol, hostname, port } = new URL(url);
  const https = protocol === "https:";
  const options = {
    host: https ? target.address : hostname,
    port: port || (https ? 443 : 80),
    path,
    auth: "admin:abc123",
    // Lectern's proxy refuses programs that do not send this header.
    headers: { host: hostname, origin: `${protocol}//${hostname}` },
    timeout: 5000,
  };
  return new Promise((resolve) => {
    const sent = https
      ? tlsRequest({ ...options, servername: hostname, rejectUnauthorized: false })
      : plainRequest(options);
    sent.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.once("timeout", () => sent.destroy());
    sent.once("error", () => resolve(undefined));
    sent.once("close", () => resolve(undefined));
    sent.end();
  });
}

async function attackIngest(url: string): Promise<never> {
  for (;;) {
    const never = new AbortController().signal;
    await openIngest({ target: parseRtmpUrl(url), streamKey: "abc123", timeoutSeconds: 5, signal: never }).then(
      async (taken) => {
        ingest.won += 1;
        ingest.answered += 1;
        taken.lost.catch(() => {});
        await taken.end();
      },
      ({ exitCode }: { exitCode?: number }) => {
        // 77: the server responded, and refused.
        if (exitCode === 77) ingest.answered += 1;
      },
    );
    await sleep(pauseMs);
  }
}
