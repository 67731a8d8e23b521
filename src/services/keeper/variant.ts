import type { ListedSegment, OwncastPlaylist } from "./owncast-playlist.ts";

/** A segment in a variant's playlist. */
export interface KeptSegment {
  /** Owncast's variant that it comes from. It differs from the one that lists it if a ladder has become shorter. */
  readonly input: number;
  readonly uri: string;
  readonly durationSeconds: number;
  readonly tags: readonly string[];
  /** Its media sequence number for players. */
  readonly sequence: number;
  /** Its session's number on the stage, from 0 on: the discontinuity sequence number. */
  readonly ordinal: number;
  /** Whether the segment before it is of another session. */
  readonly discontinuity: boolean;
}

/** The state of one variant's playlist: the data for players and for the next update. Plain data: it outlives the process. */
export interface VariantState {
  /**
   * `silent`: there has never been a segment. `live`: segments come. `held`: the publisher is lost and may come back, so the
   * playlist waits. `ended`: the publisher did not come back, and the playlist says so.
   */
  readonly phase: "silent" | "live" | "held" | "ended";
  /** When the publisher was lost, in ms on the monotonic clock; only while held. */
  readonly heldSinceMs?: number;
  /** Since when Owncast's playlist cannot be read, in ms on the monotonic clock; only after the grace. */
  readonly tornSinceMs?: number;
  /** When the newest segment was added, in ms on the monotonic clock; 0 before the first. */
  readonly newestMs: number;
  /** Oldest first, without a gap in their sequence numbers. */
  readonly segments: readonly KeptSegment[];
  readonly nextSequence: number;
  /** Players do not get segments from this sequence number on yet. Absent: they get all. */
  readonly shownUntil?: number;
  readonly lastOrdinal: number;
  /** In whole seconds: that of the longest listed segment. */
  readonly targetDuration: number;
  /** The most segments that Owncast has listed: the playlist is as long, over a reconnect too. */
  readonly windowSegments: number;
  /** The newest session, and what to add to Owncast's sequence numbers to get those for players. */
  readonly session?: { readonly name: string; readonly offset: number };
}

/** A variant that has had no segment yet. */
export const silent: VariantState = {
  phase: "silent",
  newestMs: 0,
  segments: [],
  nextSequence: 0,
  lastOrdinal: -1,
  targetDuration: 0,
  windowSegments: 0,
};

/** Whether segments come, or the keeper waits for the publisher. */
export const isOn = ({ phase }: VariantState): boolean => phase === "live" || phase === "held";

/** The segments that players get. */
export const shownSegments = ({ segments, shownUntil }: VariantState): readonly KeptSegment[] =>
  shownUntil === undefined ? segments : segments.filter(({ sequence }) => sequence < shownUntil);

/** Duration of the longest listed segment, in whole seconds. It falls again once that segment is no longer listed (ADR 0027). */
export const targetDurationOf = (segments: readonly KeptSegment[]): number =>
  Math.max(1, ...segments.map(({ durationSeconds }) => Math.round(durationSeconds)));

/** A variant's state in Owncast's folder, and the stage's data about its sessions. */
export interface Observed {
  /** Owncast's variant that was read. */
  readonly input: number;
  /** Undefined if there is none: a publisher is connecting. `torn` if it cannot be read, or lists a missing file. */
  readonly playlist: OwncastPlaylist | "torn" | undefined;
  readonly nowMs: number;
  readonly graceMs: number;
  /** Whether all variants have ended or never began: no player follows any more. */
  readonly isOver: boolean;
  /** Whether a session is known, and only from before `lastOrdinal`. */
  isPast(session: string, lastOrdinal: number): boolean;
  /** The session's number, the same for all variants. A new one if the session is known only from before `lastOrdinal`. */
  ordinalOf(session: string, lastOrdinal: number): number;
  /** Whether players should wait a little longer for a segment; for none if not given. `longestSeconds`: of the newest ones. */
  isAwaited?(segment: KeptSegment, longestSeconds: number): boolean;
}

// A returning publisher makes Owncast wipe the playlists. The first new ones follow some segments later: after 15 s at most, measured.
const connectMs = 20_000;
// If no segment comes for three target durations, and for six seconds at least, the publisher counts as lost.
const stall = { targetDurations: 3, leastMs: 6000 };

// The captions service writes the captions of a segment when two newer ones are there at the latest.
const mostHidden = 3;

/** The state after an observation: the same object if nothing has changed. Pure. */
export function updateVariant(state: VariantState, observed: Observed): VariantState {
  return show(observed.isOver ? silent : state, observe(state, observed), observed);
}

function observe(state: VariantState, observed: Observed): VariantState {
  const { playlist } = observed;
  if (!playlist) return waitForPublisher(state, observed);
  if (playlist === "torn") return withoutNews(state, observed);
  const session = playlist.segments[0]?.session;
  if (session !== undefined && !playlist.ended) {
    // Late writes by the old encoder never move players back.
    const isPast = isOn(state) && observed.isPast(session, state.lastOrdinal);
    if (isPast || !hasNews(state, playlist, session)) return withoutNews(state, observed);
    // A new stream gets Owncast's own numbers, so that players can go on if Caddy or nginx has to ask Owncast.
    return addSegments(observed.isOver ? silent : state, playlist, session, observed);
  }
  if (isOn(state)) {
    // Owncast's last playlist of a session lists the segments from just before the loss.
    const isLast = session !== undefined && session === state.session?.name && hasNews(state, playlist, session);
    return waitForPublisher(isLast ? addSegments(state, playlist, session, observed) : state, observed);
  }
  const isNewEnd = playlist.ended && clipName(playlist) !== state.session?.name;
  return isNewEnd && observed.isOver ? endWithClip(state, playlist, observed) : state;
}

/** Nothing new came and Owncast announced no end: a torn read, or an Owncast that hangs or was killed. */
function withoutNews(state: VariantState, observed: Observed): VariantState {
  const patienceMs = Math.max(stall.leastMs, stall.targetDurations * state.targetDuration * 1000);
  const isPatient = state.phase === "live" && observed.nowMs - state.newestMs <= patienceMs;
  return isPatient ? state : waitForPublisher(state, observed);
}

/** Keeps the playlist as it is while the publisher may come back, and ends it after the grace. */
function waitForPublisher(state: VariantState, observed: Observed): VariantState {
  if (!isOn(state)) return state;
  const { playlist, nowMs, graceMs } = observed;
  const { heldSinceMs = nowMs, tornSinceMs, ...rest } = state;
  const lostMs = nowMs - heldSinceMs;
  const isWaiting = state.phase === "held" && state.heldSinceMs !== undefined && tornSinceMs === undefined;
  const held: VariantState = isWaiting ? state : { ...rest, phase: "held", heldSinceMs };
  if (lostMs <= graceMs) return held;
  if (playlist === "torn") {
    // The next read may find it whole. If none does, players are to get it from Owncast itself.
    if (nowMs - (tornSinceMs ?? nowMs) > connectMs) return { ...rest, phase: "silent", segments: [] };
    return tornSinceMs === undefined ? { ...held, tornSinceMs: nowMs } : state;
  }
  if (playlist?.ended) return endWithClip(state, playlist, observed);
  return lostMs <= graceMs + connectMs ? held : { ...rest, phase: "ended" };
}

/** Whether a playlist lists unknown segments. One that is cut off at a line's end looks like an older one, and lists fewer. */
function hasNews({ session, nextSequence }: VariantState, playlist: OwncastPlaylist, name: string): boolean {
  const listed = playlist.segments.filter((one) => one.session === name);
  return session?.name !== name || playlist.mediaSequence + session.offset + listed.length > nextSequence;
}

/** Adds a session's new segments; those of another session follow the one before. */
function addSegments(state: VariantState, playlist: OwncastPlaylist, name: string, observed: Observed): VariantState {
  const { input, nowMs, ordinalOf } = observed;
  const afresh = state.phase === "ended";
  const isNew = state.session?.name !== name;
  const after = Math.max(0, state.nextSequence - playlist.mediaSequence);
  const offset = state.session && !isNew ? state.session.offset : after;
  const first = playlist.mediaSequence + offset;
  const listed = playlist.segments.filter(({ session }) => session === name);
  const ordinal = ordinalOf(name, state.lastOrdinal);
  const windowSegments = Math.max(afresh ? 0 : state.windowSegments, listed.length);
  // If segments or a whole session were missed, start a new list.
  const isMissing = first > state.nextSequence || ordinal > state.lastOrdinal + 1;
  // Also those that Owncast no longer lists: players have a list of the usual length, without a gap.
  const stays = afresh || isMissing ? [] : state.segments;
  const fresh = numbered(listed, first, { input, ordinal, state, follows: stays.length > 0 });
  const segments = [...stays, ...fresh];
  return {
    ...withoutTimes(state),
    phase: "live",
    newestMs: nowMs,
    segments,
    nextSequence: first + listed.length,
    lastOrdinal: ordinal,
    targetDuration: targetDurationOf(segments.slice(-windowSegments)),
    windowSegments,
    session: { name, offset },
  };
}

/**
 * Decides what players get: never less than they had (`before`, of the same stream), and all of a list that is new to them, because a list
 * cannot be empty. Then drops the segments before the window.
 */
function show(before: VariantState, after: VariantState, { isAwaited }: Observed): VariantState {
  const { segments, windowSegments } = after;
  const from = before.shownUntil ?? before.nextSequence;
  const isNew = !segments.some(({ sequence }) => sequence < from);
  const newest = segments.slice(-mostHidden);
  const longestSeconds = Math.max(...newest.map(({ durationSeconds }) => durationSeconds));
  // Each of them is asked about, so that its time begins when it is there.
  const [first] = newest.filter((segment) => segment.sequence >= from && isAwaited?.(segment, longestSeconds));
  const hidden = isOn(after) && !isNew ? first : undefined;
  const shown = hidden ? segments.indexOf(hidden) : segments.length;
  const listed = isOn(after) ? segments.slice(Math.max(0, shown - windowSegments)) : segments;
  if (hidden?.sequence === after.shownUntil && listed.length === segments.length) return after;
  const { shownUntil: _, ...rest } = after;
  return { ...rest, segments: listed, ...(hidden && { shownUntil: hidden.sequence }) };
}

/** Lists the offline clip, as Owncast does, and ends. */
function endWithClip(state: VariantState, playlist: OwncastPlaylist, observed: Observed): VariantState {
  const { input, ordinalOf } = observed;
  const name = clipName(playlist);
  const ordinal = ordinalOf(name, state.lastOrdinal);
  const clip = playlist.segments.filter(({ session }) => session === undefined);
  // Owncast deletes segments that it no longer lists.
  const names = new Set(playlist.segments.map(({ uri }) => uri));
  const stays = state.segments.filter(({ uri }) => ordinal === state.lastOrdinal + 1 && names.has(uri));
  const fresh = numbered(clip, state.nextSequence, { input, ordinal, state, follows: stays.length > 0 });
  const segments = [...stays, ...fresh];
  return {
    ...withoutTimes(state),
    phase: "ended",
    segments,
    nextSequence: state.nextSequence + clip.length,
    lastOrdinal: ordinal,
    targetDuration: targetDurationOf(segments),
    session: { name, offset: state.nextSequence },
  };
}

/** Names the clip by its file and by the session that it ends. */
const clipName = ({ segments }: OwncastPlaylist): string => `${segments[0]?.session ?? ""} ${segments.at(-1)?.uri}`;

/** Numbers listed segments from `first` on, and leaves out those that the state has already. */
function numbered(
  listed: readonly ListedSegment[],
  first: number,
  { input, ordinal, state, follows }: Numbering,
): KeptSegment[] {
  const fresh = listed
    .map(({ uri, durationSeconds, tags }, index) => ({ input, uri, durationSeconds, tags, sequence: first + index }))
    .filter(({ sequence }) => sequence >= state.nextSequence);
  return fresh.map((one, index) => ({
    ...one,
    ordinal,
    discontinuity: index === 0 && follows && ordinal !== state.lastOrdinal,
  }));
}

interface Numbering {
  readonly input: number;
  readonly ordinal: number;
  readonly state: VariantState;
  /** Whether other segments are listed before them. */
  readonly follows: boolean;
}

function withoutTimes({ heldSinceMs: _, tornSinceMs: __, ...rest }: VariantState): VariantState {
  return rest;
}
