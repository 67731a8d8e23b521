import { oneLine } from "../../codegen/load/printable.ts";
import type { Paint } from "../lib/colour.ts";
import { type GateState, type InterpreterState, silentForSeconds } from "./gate-client.ts";

const shownDropSeconds = 1;

/** A line for each language that has an interpreter's key, in the order of the gate. */
export const interpreterLines = ({ interpreters = {} }: GateState, paint: Paint): string[] =>
  Object.entries(interpreters).map(([language, state]) => interpreterLine(oneLine(language), state, paint));

function interpreterLine(language: string, { publisher, waiting }: InterpreterState, paint: Paint): string {
  const label = `interpreter ${language}`;
  const held = waiting === 0 ? "" : `; ${waiting} more ${waiting === 1 ? "waits" : "wait"}`;
  if (publisher === null) return `${label}: not connected${held}`;
  const { address, silentSeconds, kbps, sound } = publisher;
  const isSilent = silentSeconds >= silentForSeconds;
  const rate = isSilent ? `no sound for ${Math.round(silentSeconds)} s` : `${Math.round(kbps)} kbit/s`;
  const kHz = sound.sampleRate === undefined ? "" : `, ${sound.sampleRate / 1000} kHz`;
  const away = sound.flowing ? "" : "; the captions service does not take the sound";
  const lost =
    sound.droppedSeconds < shownDropSeconds ? "" : `; ${Math.round(sound.droppedSeconds)} s of sound were dropped`;
  const mark = isSilent || !sound.flowing ? paint("!", label) : label;
  return `${mark}: from ${oneLine(address)}, ${rate}${kHz}${away}${lost}${held}`;
}
