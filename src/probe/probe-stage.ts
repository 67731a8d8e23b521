import type { HttpClient, HttpResponse } from "../viewer/http-client.ts";
import { http3Offer } from "./alt-svc.ts";
import { type Notes, type StageCheck, stageChecks } from "./checks.ts";
import { probeChat } from "./probe-chat.ts";
import { type Door, probeDoors } from "./probe-closed.ts";
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
  const { client, url, signal, closed = [], namedHosts, httpPort } = task;
  const address = new URL("/api/status", url).href;
  const answer = await client.fetch(address, { method: "HEAD", signal }).catch(() => undefined);
  noteTls(url, answer, notes);
  noteHttp3(answer, notes);
  if (task.answers)
    await Promise.all([
      probePage({ ...task, namedHosts }, notes),
      probeRedirect({ ...task, httpPort }, notes),
      probeDoors({ ...task, closed }, notes),
      probePrivate({ ...task, hasPassword: task.viewerPassword !== undefined }, notes),
      speakInChat(task, notes),
    ]);
  else notes.skipRest(Object.keys(stageChecks) as StageCheck[], "Owncast does not answer");
}

/** The certificate is trusted: the connection came about. */
function noteTls(url: string, answer: HttpResponse | undefined, notes: Notes): void {
  if (new URL(url).protocol !== "https:") notes.skip("tls", "the address is not https");
  else notes.pass("tls", answer?.certificateUntil ? `certificate valid until ${answer.certificateUntil}` : "");
}

// At 250 ms and 0.5 % loss, measured: docs/decisions/0023.
const slowFarAway =
  "Caddy's HTTP/3 cannot use BBR: where far viewers lose 1 packet in 200, it carries 0.85 Mbit/s, and TCP with BBR 18";

function noteHttp3(answer: HttpResponse | undefined, notes: Notes): void {
  const offer = http3Offer(answer?.headers["alt-svc"]);
  if (!answer) notes.skip("http3", "the server gives no answer");
  else if (offer === undefined) notes.pass("http3", "not offered");
  else
    notes.warn(
      "http3",
      `offered (Alt-Svc: ${offer}), which browsers remember. ${slowFarAway}. On NixOS: services.lectern.http3.enable = false`,
    );
}

async function speakInChat(task: StageTask, notes: Notes): Promise<void> {
  if (!task.chat) return notes.skip("chat", "--chat says something in it");
  if (task.chatEnabled === false) return notes.skip("chat", "the seed closes it");
  await probeChat(task, notes);
}
