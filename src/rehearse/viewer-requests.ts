import type { Dialling } from "../viewer/http-client.ts";
import { makeViewerCredentials, type ViewerCredentials } from "../viewer/viewer-credentials.ts";
import { type Browser, decoded, readable } from "./browsers.ts";
import { type Answer, type Ask, Connection, NoAnswer, type Place } from "./connection.ts";
import type { LivePlaylists } from "./live-playlists.ts";
import type { Schedule } from "./schedule.ts";
import type { StageWatch } from "./stage-watch.ts";
import type { Purpose, Tally } from "./tally.ts";

/** What the viewers of one rehearsal share. */
export interface Crowd {
  readonly place: Place;
  readonly schedule: Schedule;
  readonly playlists: LivePlaylists;
  readonly tally: Tally;
  readonly watch: StageWatch;
  /** For a private stage. */
  readonly viewerPassword: string | undefined;
  /** Seconds since the rehearsal's start. */
  seconds(): number;
  /** Told how many bytes were received and dropped. */
  freed(bytes: number): void;
  /** What a websocket to the stage needs. */
  dialling(): Dialling;
  /** How often each chat user writes. */
  readonly chatEveryMs: number;
  /** Told this machine's address of each new connection. */
  connectedFrom(localAddress: string): void;
  /** Ends the rehearsal. */
  fail(error: unknown): void;
}

/** What one viewer is. */
export interface Role {
  readonly number: number;
  readonly browser: Browser;
  /** The rendition's name; undefined: the viewer adapts. */
  readonly rendition: string | undefined;
  /** Whether it loads the page first. */
  readonly opensPage: boolean;
  /** Whether it joins the chat and writes. */
  readonly chats: boolean;
}

/** One viewer's requests to the stage, as its browser sends them. All are counted. */
export class ViewerRequests {
  readonly #crowd: Crowd;
  readonly #connection: Connection;
  readonly #credentials: ViewerCredentials | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  /** The encodings for what this program must read. */
  readonly readable: string;
  /** Failures that a page would see; the caller sets it back. */
  failures = 0;
  #closed = false;

  constructor(crowd: Crowd, { browser, number }: Role) {
    this.#crowd = crowd;
    this.readable = readable(browser.acceptEncoding);
    this.#headers = {
      accept: "*/*",
      "accept-encoding": browser.acceptEncoding,
      "accept-language": "en",
      referer: `${crowd.place.origin}/`,
      "user-agent": browser.userAgent(number),
    };
    this.#credentials =
      crowd.viewerPassword === undefined ? undefined : makeViewerCredentials(crowd.place.origin, crowd.viewerPassword);
    this.#connection = new Connection(crowd.place, {
      onConnected: (ms, localAddress) => {
        crowd.tally.connectSeconds.add(ms / 1000);
        crowd.connectedFrom(localAddress);
      },
      onBytes: (count) => {
        crowd.tally.bytes += count;
        crowd.freed(count);
      },
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** What a websocket shows, besides what opens it. */
  websocketHeaders(): Record<string, string> {
    return { "user-agent": this.#headers["user-agent"]!, ...this.#credentials?.headersFor(this.#crowd.place.origin) };
  }

  /** Gives up what takes too long; to be called about once a second. */
  expire(nowMs: number): void {
    this.#connection.expire(nowMs);
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  /** The text of a body; undefined after a counted failure. */
  text(purpose: Purpose, { body, headers }: Answer, maxBytes: number): string | undefined {
    try {
      return decoded(body, headers["content-encoding"], maxBytes).toString("latin1");
    } catch {
      this.#crowd.tally.failed(purpose, "its compression cannot be read");
      return undefined;
    }
  }

  /** A response with status 200 or 204, or nothing after a counted failure. */
  async get(purpose: Purpose, ask: Ask): Promise<Answer | undefined> {
    const answer = await this.ask(purpose, ask);
    return typeof answer === "string" || answer.status >= 300 ? undefined : answer;
  }

  /** The response, or why there is none; both are counted. */
  async ask(purpose: Purpose, ask: Ask): Promise<Answer | string> {
    const { tally, schedule, place } = this.#crowd;
    const url = this.#credentials && place.origin + ask.path;
    const credentials = url && this.#credentials?.headersFor(url);
    tally.asked(purpose);
    try {
      const answer = await this.#connection.request({
        ...ask,
        headers: { ...this.#headers, ...credentials, ...ask.headers },
      });
      if (url) this.#credentials?.learn(url, answer.headers);
      if (answer.status >= 300) {
        tally.failed(purpose, `status ${answer.status}`);
        if (purpose !== "segment" && purpose !== "playlist") return answer;
        this.failures += 1;
      }
      return answer;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (schedule.stopped || this.#closed) return error.message;
      tally.failed(purpose, error.message);
      this.failures += 1;
      return error.message;
    }
  }
}
