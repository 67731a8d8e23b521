import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, openConnection } from "./connection.ts";
import type { LiveStage } from "./live-stage.ts";

/** What Owncast's page sends about its playback every 10 s. */
export const playbackReport = {
  bandwidth: 8_000_000,
  latency: 6000,
  downloadDuration: 0.3,
  errors: 0,
  qualityVariantChanges: 0,
};

/** Loads the page like a browser without a cache: itself, its scripts and styles, and its first API requests. */
export async function loadPage(connection: Connection): Promise<number> {
  const { bytes, text } = await connection.ask("/", { text: true });
  const files = [...text.matchAll(/<(?:script|link)\b[^>]*\s(?:src|href)="(\/(?!\/)[^"]+)"/gi)].map(
    ([, path = ""]) => path,
  );
  const paths = [...new Set(files), "/api/config", "/api/status", "/api/emoji", "/api/chat/users/me", "/logo"];
  const sizes = await Promise.all(
    // A page also asks for what is not there, which costs as much.
    paths.map((path) =>
      connection.ask(path).then(
        (response) => response.bytes,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, bytes);
}

/** Loads the page over new connections, `perSecond` of them. Resolves to the bytes of one page. */
export async function join({ server, ca }: LiveStage, { perSecond, seconds }: { perSecond: number; seconds: number }) {
  const sizes: Promise<number>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const connection = openConnection(server.origin, ca, `joiner ${index}`);
    sizes.push(loadPage(connection).finally(() => connection.close()));
    await sleep(1000 / perSecond);
  }
  return Math.max(...(await Promise.all(sizes)));
}
