import { answerOf } from "./answered-playlist.ts";
import { countVariants, type OwncastPlaylist } from "./owncast-playlist.ts";
import { hear } from "./variant.ts";
import { isOn, silent, type VariantState } from "./variant-state.ts";

/** What is answered for a stage, and what is needed to go on. Plain data, for it outlives the process. */
export interface StageState {
  /** Owncast's last whole master playlist, as it stands. */
  readonly master?: string;
  /** How many variants it names. */
  readonly count: number;
  readonly variants: readonly VariantState[];
  /** The last sessions, newest last, each with its number. */
  readonly sessions: readonly { readonly name: string; readonly ordinal: number }[];
}

export const nothingYet: StageState = { count: 0, variants: [], sessions: [] };

/** What lies in Owncast's folder at a moment. */
export interface Look {
  /** Undefined when there is none. */
  readonly master: string | undefined;
  /** The playlist of a variant of Owncast's; undefined when there is none, `torn` when it cannot be read as it is. */
  playlist(input: number): OwncastPlaylist | "torn" | undefined;
  readonly nowMs: number;
  readonly graceMs: number;
  /** Makes sure that what a variant lists can be fetched from now on; false when a file is gone already. */
  hold(variant: VariantState): boolean;
}

/** Enough that a variant that is behind the others still finds its session's number. */
export const rememberedSessions = 16;

/** The state after a look. */
export function lookAt(state: StageState, look: Look): StageState {
  // A new session's ladder is known from its master playlist, which comes last: until then nothing of it is taken up.
  const named = look.master === undefined ? undefined : countVariants(look.master);
  const isTorn = look.master !== undefined && named === undefined;
  const count = named ?? state.count;
  const isOver = state.variants.every(({ phase }) => phase === "ended" || phase === "silent");
  const sessions = isOver ? [] : [...state.sessions];
  const met = (name: string, lastOrdinal: number) =>
    sessions.find((session) => session.name === name && session.ordinal >= lastOrdinal);
  const isPast = (name: string, lastOrdinal: number): boolean => !met(name, lastOrdinal) && met(name, 0) !== undefined;
  const ordinalOf = (name: string, lastOrdinal: number): number => {
    const found = met(name, lastOrdinal);
    if (found) return found.ordinal;
    const ordinal = Math.max(lastOrdinal, sessions.at(-1)?.ordinal ?? -1) + 1;
    sessions.push({ name, ordinal });
    return ordinal;
  };
  // Players of a variant that a ladder has no more go on with its last one.
  const variants = Array.from({ length: Math.max(count, state.variants.length) }, (_, index): VariantState => {
    const before = state.variants[index] ?? silent;
    if (index >= count && (isOver || before.segments.length === 0)) return { ...before, segments: [] };
    const input = Math.min(index, count - 1);
    const heard = { input, isOver, isPast, ordinalOf, nowMs: look.nowMs, graceMs: look.graceMs };
    const playlist = look.master === undefined ? undefined : isTorn ? "torn" : look.playlist(input);
    const after = hear(before, { ...heard, playlist });
    return look.hold(after) ? after : hear(before, { ...heard, playlist: "torn" });
  });
  // Who comes while the publisher is lost, gets what was on air.
  const isHeld = variants.some(({ phase }) => phase === "held");
  const master = isTorn || isHeld ? state.master : (look.master ?? state.master);
  // Another stream than the one that has ended: what is left of that is none of it.
  const begins = isOver && variants.some(isOn);
  return {
    ...(master !== undefined && { master }),
    count,
    variants: begins ? variants.map((variant) => (isOn(variant) ? variant : silent)) : variants,
    sessions: sessions.slice(-rememberedSessions),
  };
}

/** What players get: the master playlist (`""`) or a variant's (`0`, `1`, …); undefined where there is nothing to say. */
export function answerFor({ master, variants }: StageState, name: string): string | undefined {
  if (name === "") return variants.some(({ segments }) => segments.length > 0) ? master : undefined;
  const variant = variants[Number(name)];
  return variant && answerOf(variant, Number(name));
}
