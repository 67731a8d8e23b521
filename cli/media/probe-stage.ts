import { type Notes, type StageCheck, stageChecks } from "./checks.ts";
import type { HttpClient } from "./http-client.ts";
import { probeChat } from "./probe-chat.ts";
import { type Door, probeDoors } from "./probe-doors.ts";
import { probePage } from "./probe-page.ts";
import { probePrivate } from "./probe-private.ts";
import { probeRedirect } from "./probe-redirect.ts";

/** What to look at beside the stream; see `ProbeOptions`. */
export interface StageTask {
  readonly client: HttpClient;
  readonly url: string;
  /** Whether Owncast answers at all. */
  readonly answers: boolean;
  readonly namedHosts?: readonly string[] | undefined;
  readonly closed?: readonly Door[];
  readonly httpPort?: number | undefined;
  readonly chat?: boolean;
  readonly chatEnabled?: boolean | undefined;
  readonly viewerPassword?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at everything about a stage that is not its stream. */
export async function probeStage(task: StageTask, notes: Notes): Promise<void> {
  const { closed = [], namedHosts, httpPort } = task;
  await noteTls(task, notes);
  if (task.answers)
    await Promise.all([
      probePage({ ...task, namedHosts }, notes),
      probeRedirect({ ...task, httpPort }, notes),
      probeDoors({ ...task, closed }, notes),
      probePrivate({ ...task, hasPassword: task.viewerPassword !== undefined }, notes),
      speakInChat(task, notes),
    ]);
  notes.skipRest(Object.keys(stageChecks) as StageCheck[], "Owncast does not answer");
}

/** The certificate is trusted: the connection came about. */
async function noteTls({ client, url, signal }: StageTask, notes: Notes): Promise<void> {
  if (new URL(url).protocol !== "https:") return notes.skip("tls", "the address is not https");
  const answer = await client
    .fetch(new URL("/api/status", url).href, { method: "HEAD", signal })
    .catch(() => undefined);
  notes.pass("tls", answer?.certificateUntil ? `certificate valid until ${answer.certificateUntil}` : "");
}

async function speakInChat(task: StageTask, notes: Notes): Promise<void> {
  if (!task.chat) return notes.skip("chat", "--chat says something in it");
  if (task.chatEnabled === false) return notes.skip("chat", "the seed closes it");
  await probeChat(task, notes);
}
