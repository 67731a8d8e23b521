import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Sends a request like a player, over a keep-alive connection. A viewer's address is one of loopback.
 * @param {string} url
 * @param {{ agent: http.Agent, localAddress?: string }} connection
 * @returns {Promise<{ status: number, text: string }>}
 */
export const ask = (url, connection) =>
  new Promise((resolve, reject) => {
    const { request } = url.startsWith("https:") ? https : http;
    const headers = { "user-agent": "VLC/3.0.18 LibVLC/3.0.18" };
    const asked = request(url, { ...connection, headers, timeout: 30_000 }, (response) => {
      const chunks = /** @type {Buffer[]} */ ([]);
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer within 30 s")));
    asked.on("error", reject);
    asked.end();
  });

/**
 * A keep-alive connection.
 * @param {string} url
 * @param {string} caFile file of the trusted authority, for https
 */
export const keptConnection = (url, caFile) =>
  url.startsWith("https:")
    ? new https.Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(caFile) })
    : new http.Agent({ keepAlive: true, maxSockets: 1 });

/**
 * Runs viewers until `signal` aborts. Each requests the master playlist once, and then a variant's playlist every `everyMs`. The
 * viewers' requests are spread over that time.
 * @param {{ url: string, caFile: string, count: number, everyMs: number, signal: AbortSignal }} options
 */
export function startViewers({ url, caFile, count, everyMs, signal }) {
  const tally = { answers: 0, failures: 0 };
  const watch = async (/** @type {number} */ index) => {
    const agent = keptConnection(url, caFile);
    const connection = { agent, localAddress: `127.1.${1 + (index >> 8)}.${index & 255}` };
    const get = async (/** @type {string} */ path) => {
      const { status } = await ask(`${url}${path}`, connection).catch(() => ({ status: 0 }));
      if (status === 200) tally.answers += 1;
      else tally.failures += 1;
    };
    await sleep((everyMs * index) / count);
    await get("/hls/stream.m3u8");
    let next = performance.now();
    while (!signal.aborted) {
      await get(`/hls/${index % 2}/stream.m3u8`);
      next += everyMs;
      await sleep(Math.max(0, next - performance.now()));
    }
    agent.destroy();
  };
  const done = Promise.all(Array.from({ length: count }, (_, index) => watch(index)));
  return { tally, done };
}
