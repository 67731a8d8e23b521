import type { Cause, FarLines, Limits, Measured } from "./rehearsal-report.ts";
import type { Outage } from "./stage-watch.ts";

/** What a rehearsal saw. */
export interface Seen {
  readonly measured: Measured;
  readonly limits: Limits;
  readonly outages: readonly Outage[];
  readonly ranSeconds: number;
  readonly lines?: FarLines | undefined;
  readonly http3Offer?: string | undefined;
}

// A single lost response is no outage.
const shortestOutageSeconds = 2;
const kindsShown = 3;
// Segments that come this quickly cannot be why pictures stand still.
const quickShare = 0.5;

/** Names the causes that the measurements show, the most direct one first. Without one it returns nothing, and guesses nothing. */
export function findCauses(seen: Seen): Cause[] {
  return [
    ...outageCauses(seen),
    ...compressionCauses(seen),
    ...slownessCauses(seen),
    ...http3Causes(seen),
    ...tornCauses(seen),
    ...errorCauses(seen.measured),
  ];
}

function outageCauses({ outages, ranSeconds }: Seen): Cause[] {
  const lasting = outages.filter(
    ({ fromSeconds, toSeconds = ranSeconds }) => toSeconds - fromSeconds >= shortestOutageSeconds,
  );
  return lasting.map(({ kind, fromSeconds, toSeconds, answer }) => {
    const when = `from ${fromSeconds.toFixed(0)} s ${toSeconds === undefined ? "to the end" : `to ${toSeconds.toFixed(0)} s`}`;
    return kind === "offline"
      ? {
          message: `the stage was off the air ${when}: nobody published`,
          remedy: "keep the camera connected; `lectern status` on the host says why it was lost",
        }
      : {
          message: `Owncast was down ${when} (/api/status: ${/^\d+$/.test(answer) ? `status ${answer}` : answer})`,
          remedy: "`lectern status` and the journal of owncast-STAGE on the host say why",
        };
  });
}

function compressionCauses({ measured: { segments, segmentEncodings }, limits }: Seen): Cause[] {
  const compressed = Object.entries(segmentEncodings).filter(([name]) => name !== "none");
  const count = compressed.reduce((sum, [, each]) => sum + each, 0);
  if (count <= segments * limits.compressedShare) return [];
  const kinds = compressed.map(([name, each]) => `${name} ${percent(each / segments)}`).join(", ");
  return [
    {
      message: `the server compresses video again for each viewer (${kinds} of the segments), which takes its processor and saves nothing`,
      remedy: "serve segments from disk, as Lectern's site does; `lectern probe` names the header",
    },
  ];
}

function slownessCauses({ measured, limits, outages, ranSeconds, lines }: Seen): Cause[] {
  const { segmentShare, segmentWaitSeconds, mbpsNeeded, mbpsMax, mbpsMean, stalls, skippedSegments } = measured;
  const isSlow =
    segmentShare === undefined
      ? lines !== undefined && outages.length === 0 && ranSeconds > limits.startSeconds
      : segmentShare.p95 > Math.min(limits.segmentShare, 1);
  if (isSlow) {
    const lack =
      mbpsNeeded !== undefined && mbpsMean !== undefined && mbpsMean < mbpsNeeded
        ? `: they got ${mbps(mbpsMean)}, ${mbps(mbpsMax)} in the best second, and need ${mbps(mbpsNeeded)}`
        : "";
    const waits =
      segmentWaitSeconds !== undefined
        ? `; the first byte came after ${segmentWaitSeconds.p95.toFixed(2)} s (p95)`
        : "";
    return [
      {
        message: `video reaches the viewers too slowly${lines ? ` over ${lineText(lines)}` : ""}${lack}${waits}`,
        remedy: lines
          ? lineRemedy(lines, measured)
          : "if the host's processors are idle meanwhile, its line (or a rate limit on the way) is full: lower the bitrate or the number of renditions, or add an edge; if they are busy, the server is too small",
      },
    ];
  }
  const isQuick = segmentShare !== undefined && segmentShare.p95 < quickShare;
  if (stalls === 0 || !isQuick || outages.length > 0 || skippedSegments > 0) return [];
  return [
    {
      message: "segments arrive quickly, and pictures stand still all the same: the stage lists new segments too late",
      remedy: "the camera or the encoder is too slow: `lectern probe` measures it as “keeps up with live”",
    },
  ];
}

// A player needs some of the rate for playlists and to fill its buffer.
const usableShare = 0.8;

/** What to do about a line that carries too little, in the order of docs/viewers.md. */
function lineRemedy({ asked, congestionControl }: FarLines, { mbpsNeeded, viewersCame }: Measured): string {
  if (congestionControl !== undefined && congestionControl !== "bbr")
    return `this host sends with ${congestionControl}, which slows down at each lost packet: set net.ipv4.tcp_congestion_control to bbr (docs/viewers.md, far away)`;
  const needed = mbpsNeeded === undefined || viewersCame === 0 ? undefined : mbpsNeeded / viewersCame;
  if (needed !== undefined && needed > asked.mbps * usableShare)
    return `each viewer needs ${mbps(needed)} of the ${mbps(asked.mbps)} that the line has: give such viewers a smaller rendition (--adaptive shows whether they find it)`;
  return "a server near such viewers, a smaller rendition or longer segments help, in this order (docs/viewers.md, far away); without --link you see whether the stage itself is slow";
}

/** Only far away: near by, HTTP/3 is as good. */
function http3Causes({ lines, http3Offer }: Seen): Cause[] {
  if (!lines || http3Offer === undefined) return [];
  return [
    {
      message: `the stage offers HTTP/3 (Alt-Svc: ${http3Offer}), which browsers use and these viewers do not: Caddy's HTTP/3 cannot use BBR`,
      remedy:
        "turn it off (on NixOS services.lectern.http3.enable = false): else browsers far away get less than these viewers",
    },
  ];
}

function tornCauses({ measured: { playlists, tornPlaylists }, limits }: Seen): Cause[] {
  if (tornPlaylists <= playlists * limits.tornShare) return [];
  return [
    {
      message: `${tornPlaylists} of ${playlists} playlists were torn: the server read them while Owncast wrote them`,
      remedy: "serve playlists by `lectern keeper`",
    },
  ];
}

function errorCauses({ errorKinds, errors }: Measured): Cause[] {
  if (errors === 0) return [];
  const shown = errorKinds.slice(0, kindsShown).map(({ kind, count }) => `${kind} (${count} times)`);
  const more = errorKinds.length > kindsShown ? ` and ${errorKinds.length - kindsShown} other kinds` : "";
  return [
    { message: `requests failed: ${shown.join("; ")}${more}`, remedy: "the server's log at that time says more" },
  ];
}

/** `a line of 250 ms, 1 % loss and 20 Mbit/s for each viewer`. */
export const lineText = ({ asked }: FarLines): string =>
  `a line of ${asked.roundTripMs} ms, ${asked.lossPercent} % loss and ${asked.mbps} Mbit/s for each viewer`;

const percent = (value: number): string => `${Math.round(value * 100)} %`;
const mbps = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} Mbit/s`;
