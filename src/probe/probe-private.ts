import type { HttpClient } from "../viewer/http-client.ts";
import type { Notes } from "./checks.ts";

/** A stage that must be closed to strangers. */
export interface PrivateTask {
  readonly client: HttpClient;
  readonly url: string;
  /** Whether the viewers' password was given: without it, nothing says that the stage is to be closed. */
  readonly hasPassword: boolean;
  readonly signal?: AbortSignal | undefined;
}

// One of each kind that a site has. The segment is none that exists: an open stage answers 404.
const paths = [
  ...["/", "/embed/video", "/embed/chat/readonly", "/embed/chat/readwrite", "/ws"],
  ...["/api/status", "/api/config", "/api/chat", "/api/viewers", "/logo", "/thumbnail.jpg"],
  ...["/hls/stream.m3u8", "/hls/0/stream.m3u8", "/hls/0/stream-x-0.ts", "/.well-known/webfinger", "/x/../", "//"],
];

/** Looks whether a private stage shows a stranger nothing: `private`. */
export async function probePrivate({ client, url, hasPassword, signal }: PrivateTask, notes: Notes): Promise<void> {
  if (!hasPassword)
    return notes.skip("private", "--viewer-password-file looks whether strangers are kept out of a private stage");
  const { origin } = new URL(url);
  const open: string[] = [];
  for (const path of paths) {
    const answer = await client
      .fetch(`${origin}${path}`, { isStranger: true, headers: { origin }, signal })
      .catch((error: Error) => {
        if (signal?.aborted) throw error;
      });
    if (answer && answer.status !== 401 && answer.status !== 403) open.push(path);
  }
  notes.judge(
    "private",
    open.length === 0
      ? undefined
      : `open without the password: ${open.join(", ")}; are you in a network of viewers.allow?`,
    "strangers are asked for the password everywhere",
  );
}
