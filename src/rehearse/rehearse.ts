import { TlsError } from "../lib/connection-error.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { makeHttpClient, type Resolve, trusting } from "../viewer/http-client.ts";
import { browsers } from "./browsers.ts";
import { makeDealer, type Shares, usualSplit } from "./choose-rendition.ts";
import { CrowdViewer } from "./crowd-viewer.ts";
import { findCauses } from "./find-causes.ts";
import { percentilesOf } from "./histogram.ts";
import { LivePlaylists } from "./live-playlists.ts";
import { checkSplit, lookAtStage, type Subject } from "./look-at-stage.ts";
import { OwnMachine } from "./machine.ts";
import { askPermission } from "./permission.ts";
import type { EarlyEnd, Limits, Measured, RehearsalReport } from "./rehearsal-report.ts";
import { Schedule } from "./schedule.ts";
import { type Point, Series } from "./series.ts";
import { StageWatch } from "./stage-watch.ts";
import { Tally } from "./tally.ts";
import { checkLimits, verdictOf } from "./verdict.ts";
import type { Crowd } from "./viewer-requests.ts";
import { makeYoungGarbageCollector } from "./young-garbage.ts";

/** What to rehearse. */
export interface RehearsalOptions {
  /** The stage's page: `https://host`. */
  readonly url: string;
  readonly token: string;
  readonly viewers: number;
  readonly durationSeconds: number;
  /** In this time the viewers come, evenly. */
  readonly rampSeconds: number;
  /** Undefined: as Owncast's calculator does. */
  readonly split?: Shares | undefined;
  /** Viewers choose renditions by their throughput, instead of a split. */
  readonly adaptive: boolean;
  readonly encodings: Shares;
  readonly pageShare: number;
  readonly chatUsers: number;
  readonly caFile?: string | undefined;
  readonly resolve: readonly Resolve[];
  /** For a private stage. */
  readonly viewerPassword?: string | undefined;
  readonly limits: Limits;
  /** Called once a second with how it goes. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Ends the rehearsal; its report is made all the same. */
  readonly signal?: AbortSignal | undefined;
}

const sampleMs = 1000;
// People read more than they write; and Owncast sends each message to everybody.
const slowestChatMs = 30_000;
const mostMessagesPerSecond = 10;
const permissionEveryMs = 30_000;
// Longer than the keeper waits for a camera to come back.
const offAirSeconds = 45;
// A stage that cannot be asked for this long may have withdrawn its permission.
const mostUnanswered = 3;

/**
 * Lets viewers watch a stage that allows it, and measures what they get. Throws CliError if it cannot begin: 77 if the stage does
 * not allow it, 69 if it cannot be reached, 2 if it is off the air, 64 and 65 for bad options.
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const { caFile, resolve, token, viewerPassword, signal } = options;
  const { origin } = new URL(options.url);
  const client = await makeHttpClient({ caFile, resolve });
  const ask = () => askPermission(client, { origin, token, signal });
  try {
    await ask();
    const secureContext = caFile === undefined ? undefined : await trusting(caFile);
    const place = { origin, resolve, secureContext };
    const playlists = new LivePlaylists(origin);
    const { rungs, ...subject } = await lookAtStage(place, playlists, { viewerPassword, signal });
    signal?.throwIfAborted();
    if (options.split) checkSplit(options.split, rungs);
    const split = options.adaptive ? undefined : (options.split ?? usualSplit(rungs));
    const dialling = () => client.dialling(origin);
    return await new Rehearsal({ ...options, split }, { place, playlists, ask, dialling, subject }).run();
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new CliError(ExitCode.failed, "the rehearsal was interrupted before it began");
  } finally {
    client.close();
  }
}

type Tools = Pick<Crowd, "place" | "playlists" | "dialling"> & {
  readonly ask: () => Promise<void>;
  readonly subject: Pick<Subject, "name" | "http3Offer">;
};

/** One rehearsal, from its first viewer to its report. */
class Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #tools: Tools;
  readonly #schedule = new Schedule();
  readonly #tally = new Tally();
  readonly #watch = new StageWatch();
  readonly #machine = new OwnMachine();
  readonly #series = new Series();
  readonly #viewers: CrowdViewer[] = [];
  readonly #beganMs = this.#schedule.now();
  readonly #full = { fromMs: Number.POSITIVE_INFINITY, bytes: 0 };
  #mbpsMax = 0;
  #last = { bytes: 0, stalls: 0, errors: 0, atMs: this.#beganMs };
  #unanswered = 0;
  #earlyEnd: EarlyEnd | undefined;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: RehearsalOptions, tools: Tools) {
    this.#options = options;
    this.#tools = tools;
  }

  async run(): Promise<RehearsalReport> {
    const { durationSeconds, signal } = this.#options;
    const interrupted = () => this.#endEarly({ kind: "interrupted", message: "it was interrupted" });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#end = resolve;
        this.#fail = reject;
        if (signal?.aborted) return interrupted();
        signal?.addEventListener("abort", interrupted, { once: true });
        this.#letViewersCome();
        this.#schedule.every(sampleMs, () => this.#sample());
        this.#schedule.every(permissionEveryMs, () => void this.#askAgain());
        this.#schedule.after(durationSeconds * 1000, resolve);
      });
      return this.#report();
    } finally {
      signal?.removeEventListener("abort", interrupted);
      this.#schedule.stop();
      for (const viewer of this.#viewers) viewer.leave();
      this.#machine.stop();
    }
  }

  #seconds(): number {
    return (this.#schedule.now() - this.#beganMs) / 1000;
  }

  #letViewersCome(): void {
    const { viewers, rampSeconds, split, encodings, pageShare, chatUsers, viewerPassword } = this.#options;
    const { place, playlists, dialling } = this.#tools;
    const crowd: Crowd = {
      ...{ place, playlists, viewerPassword, schedule: this.#schedule, tally: this.#tally, watch: this.#watch },
      dialling,
      chatEveryMs: Math.max(slowestChatMs, (chatUsers * 1000) / mostMessagesPerSecond),
      seconds: () => this.#seconds(),
      freed: makeYoungGarbageCollector(),
      connectedFrom: (address) => this.#machine.usesAddress(address),
      fail: (error) => this.#viewerFailed(error),
    };
    const rendition = split && makeDealer(split);
    const browser = makeDealer(encodings);
    const page = makeDealer([
      { name: "page", share: pageShare },
      { name: "video", share: 1 - pageShare },
    ]);
    const chat = makeDealer([
      { name: "chat", share: chatUsers / viewers },
      { name: "video", share: 1 - chatUsers / viewers },
    ]);
    const come = (number: number) => {
      const role = { rendition: rendition?.(), browser: browsers[browser()]!, opensPage: page() === "page" };
      const chats = chat() === "chat";
      const viewer = new CrowdViewer(crowd, { number, chats, ...role });
      this.#viewers.push(viewer);
      viewer.join();
      if (number + 1 === viewers) {
        this.#full.fromMs = this.#schedule.now();
        this.#full.bytes = this.#tally.bytes;
        return;
      }
      const dueMs = this.#beganMs + ((number + 1) * rampSeconds * 1000) / viewers;
      this.#schedule.after(dueMs - this.#schedule.now(), () => come(number + 1));
    };
    come(0);
  }

  #viewerFailed(error: unknown): void {
    if (error instanceof CliError && error.exitCode === ExitCode.refused)
      this.#endEarly({ kind: "not-allowed", message: error.message, remedy: error.remedy });
    else this.#fail(error);
  }

  #endEarly(earlyEnd: EarlyEnd): void {
    this.#earlyEnd ??= earlyEnd;
    this.#end();
  }

  async #askAgain(): Promise<void> {
    try {
      await this.#tools.ask();
      this.#unanswered = 0;
    } catch (error) {
      if (this.#schedule.stopped || !(error instanceof CliError)) return;
      const { message, remedy } = error;
      if (error.exitCode === ExitCode.refused) this.#endEarly({ kind: "not-allowed", message, remedy });
      this.#unanswered += 1;
      if (this.#unanswered >= mostUnanswered || error instanceof TlsError)
        this.#endEarly({
          kind: "unreachable",
          message: `the stage could not be asked whether it still allows this: ${message}`,
          remedy,
        });
    }
  }

  #sample(): void {
    const now = this.#schedule.now();
    const { bytes, stalls, errorCount, recentSegmentShare } = this.#tally;
    const elapsedSeconds = Math.max(0.001, (now - this.#last.atMs) / 1000);
    let stalled = 0;
    for (const viewer of this.#viewers) {
      viewer.expire(now);
      if (viewer.isStalled(now)) stalled += 1;
      const behind = viewer.behindSeconds();
      if (behind !== undefined) this.#tally.behindSeconds.add(behind);
    }
    const { cpuShare, loopDelayMs } = this.#machine.sample();
    const point: Point = {
      ...{ atSeconds: this.#seconds(), viewers: this.#viewers.length, stalled, cpuShare, loopDelayMs },
      mbps: ((bytes - this.#last.bytes) * 8) / 1e6 / elapsedSeconds,
      segmentShareP50: recentSegmentShare.percentile(0.5),
      segmentShareP95: recentSegmentShare.percentile(0.95),
      stalls: stalls - this.#last.stalls,
      errors: errorCount - this.#last.errors,
    };
    this.#series.add(point);
    this.#mbpsMax = Math.max(this.#mbpsMax, point.mbps);
    recentSegmentShare.clear();
    this.#last = { bytes, stalls, errors: errorCount, atMs: now };
    this.#options.onProgress?.(progressText(point, this.#options, this.#tally));
    this.#endIfOver();
  }

  #endIfOver(): void {
    const at = this.#seconds();
    const outage = this.#watch.now;
    const isOver = this.#viewers.length > 0 && this.#viewers.every(({ isOver }) => isOver);
    const isGone = outage?.kind === "offline" && at - outage.fromSeconds > offAirSeconds;
    if (!isOver && !isGone) return;
    const endedAt = outage?.kind === "offline" ? outage.fromSeconds : at;
    this.#endEarly({
      kind: "stream-ended",
      message: `the stream ended ${endedAt.toFixed(0)} s after the rehearsal's start`,
      remedy: "keep the camera connected for the whole rehearsal",
    });
  }

  #report(): RehearsalReport {
    const { url, viewers, durationSeconds, rampSeconds, split, encodings, pageShare, chatUsers, limits } =
      this.#options;
    const measured = this.#measured();
    const ranSeconds = this.#seconds();
    const machine = this.#machine.report(this.#tally.errors);
    const checks = checkLimits(measured, limits, chatUsers);
    const earlyEnd = this.#earlyEnd;
    const { outages } = this.#watch;
    return {
      plan: {
        url,
        stageName: this.#tools.subject.name,
        http3Offer: this.#tools.subject.http3Offer,
        viewers,
        durationSeconds,
        rampSeconds,
        split,
        encodings,
        pageShare,
        chatUsers,
      },
      ...{ ranSeconds, measured, machine, limits, checks, outages, earlyEnd },
      causes: findCauses({ measured, limits, outages, ranSeconds }),
      verdict: verdictOf(checks, { earlyEnd, spoiltBy: machine.spoiltBy }),
      series: this.#series.points(),
    };
  }

  #measured(): Measured {
    const now = this.#schedule.now();
    const tally = this.#tally;
    const sums = this.#viewers.map((viewer) => viewer.sum(now));
    const total = (of: (sum: (typeof sums)[number]) => number) => sums.reduce((all, sum) => all + of(sum), 0);
    const watchedSeconds = total(({ watchedSeconds }) => watchedSeconds);
    const stalls = total(({ stalls }) => stalls);
    const started = this.#viewers.filter((viewer) => viewer.started).length;
    for (const viewer of this.#viewers) {
      const waited = viewer.waitedSeconds(now);
      // A viewer who came a moment ago tells nothing yet.
      if (waited > this.#options.limits.startSeconds) tally.startSeconds.add(waited);
    }
    const fullSeconds = (now - this.#full.fromMs) / 1000;
    const kinds = [...tally.errors].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count);
    return {
      viewersCame: this.#viewers.length,
      viewersStarted: started,
      startSeconds: percentilesOf(tally.startSeconds),
      watchedHours: watchedSeconds / 3600,
      stalls,
      stallsPerViewerHour: watchedSeconds > 0 ? stalls / (watchedSeconds / 3600) : undefined,
      rebufferShare: watchedSeconds > 0 ? total(({ stalledSeconds }) => stalledSeconds) / watchedSeconds : undefined,
      segmentShare: percentilesOf(tally.segmentShare),
      segmentWaitSeconds: percentilesOf(tally.segmentWaitSeconds),
      playlistSeconds: percentilesOf(tally.playlistSeconds),
      behindSeconds: percentilesOf(tally.behindSeconds),
      connectSeconds: percentilesOf(tally.connectSeconds),
      pageSeconds: percentilesOf(tally.pageSeconds),
      chatSeconds: percentilesOf(tally.chatSeconds),
      requests: tally.requestCount,
      errors: tally.errorCount,
      errorShare: tally.requestCount === 0 ? undefined : tally.errorCount / tally.requestCount,
      errorKinds: kinds,
      playlists: tally.playlists,
      tornPlaylists: tally.tornPlaylists,
      segments: tally.segments,
      skippedSegments: tally.skippedSegments,
      segmentEncodings: Object.fromEntries([...tally.segmentEncodings].map(([name, count]) => [name || "none", count])),
      viewersByRendition: Object.fromEntries(tally.viewersByRendition),
      renditionChanges: tally.renditionChanges,
      chatUsersJoined: tally.chatUsers,
      chatMessagesSent: tally.chatMessagesSent,
      chatMessagesBack: tally.chatMessagesBack,
      gigabytes: tally.bytes / 1e9,
      mbpsMean: fullSeconds >= 1 ? ((tally.bytes - this.#full.bytes) * 8) / 1e6 / fullSeconds : undefined,
      mbpsMax: this.#mbpsMax,
      mbpsNeeded:
        tally.videoSeconds > 0
          ? ((tally.segmentBytes * 8) / 1e6 / tally.videoSeconds) * this.#viewers.length
          : undefined,
    };
  }
}

function progressText(
  point: Point,
  { viewers }: RehearsalOptions,
  { errorCount, stalls, segmentShare }: Tally,
): string {
  const share = segmentShare.percentile(0.95);
  return [
    `${point.viewers} of ${viewers} viewers`,
    `${point.mbps.toFixed(0)} Mbit/s`,
    ...(share === undefined ? [] : [`segments in ${(share * 100).toFixed(0)} % of their length`]),
    `${stalls} stalls, ${point.stalled} now`,
    `${errorCount} errors`,
  ].join(", ");
}
