import { type ChatUser, joinChat } from "./chat-user.ts";
import type { Crowd, ViewerRequests } from "./viewer-requests.ts";

// Owncast's page joins again after this.
const rejoinMs = 5000;
const firstMessageMs = 500;
const spreadMs = 5000;
const maxAnswerBytes = 64 * 1024;

/** A viewer's part in the chat. */
export class ChatTalk {
  readonly #requests: ViewerRequests;
  readonly #crowd: Crowd;
  readonly #number: number;
  #chat: ChatUser | undefined;

  constructor(requests: ViewerRequests, crowd: Crowd, number: number) {
    this.#requests = requests;
    this.#crowd = crowd;
    this.#number = number;
  }

  start(): void {
    this.#begin().catch((error: unknown) => this.#crowd.fail(error));
  }

  close(): void {
    this.#chat?.close();
  }

  /** Joins the chat, writes now and then, and joins again after a loss. */
  async #begin(): Promise<void> {
    const { schedule, chatEveryMs, tally, place, dialling } = this.#crowd;
    const accessToken = await this.#register();
    if (accessToken === undefined) {
      schedule.after(rejoinMs, () => this.start());
      return;
    }
    const join = async () => {
      const headers = this.#requests.websocketHeaders();
      let hasJoined = false;
      const chat = await joinChat(
        place.origin,
        accessToken,
        { ...dialling(), headers },
        {
          onJoined: () => {
            hasJoined = true;
            tally.chatUsers += 1;
          },
          onBack: (ms) => {
            tally.chatMessagesBack += 1;
            tally.chatSeconds.add(ms / 1000);
          },
          onLost: (reason) => {
            if (hasJoined) tally.chatUsers -= 1;
            tally.failed("chat", reason);
            schedule.after(rejoinMs, () => join().catch((error: unknown) => this.#crowd.fail(error)));
          },
        },
      );
      tally.asked("chat");
      this.#chat = chat;
      if (this.#requests.isClosed) chat.close();
    };
    await join();
    // Not all at once.
    const firstMs = firstMessageMs + ((this.#number * 700) % Math.min(chatEveryMs, spreadMs));
    schedule.every(
      chatEveryMs,
      () => {
        if (this.#chat?.say()) tally.chatMessagesSent += 1;
      },
      firstMs,
    );
  }

  /** Registers as each visitor does; nothing after a counted failure. */
  async #register(): Promise<string | undefined> {
    const headers = {
      "content-type": "application/json",
      "accept-encoding": this.#requests.readable,
      origin: this.#crowd.place.origin,
    };
    const body = JSON.stringify({ displayName: `rehearsal-${this.#number}` });
    const path = "/api/chat/register";
    const answer = await this.#requests.get("chat", { path, method: "POST", headers, body, keepBytes: maxAnswerBytes });
    const text = answer && this.#requests.text("chat", answer, maxAnswerBytes);
    if (text === undefined) return undefined;
    try {
      const { accessToken } = JSON.parse(text) as { accessToken?: unknown };
      if (typeof accessToken === "string") return accessToken;
    } catch {}
    this.#crowd.tally.failed("chat", "the registration is not Owncast's");
    return undefined;
  }
}
