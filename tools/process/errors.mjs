/**
 * What only a person can put right, and how.
 * @typedef {object} Problem
 * @property {string} what
 * @property {string} remedy
 */

/** Something a person can put right: what is wrong, and in `remedy` what to do about it. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";

  /**
   * @param {string} message what is wrong
   * @param {string} [remedy] what to do, as a command or a sentence
   * @param {number} [exitCode]
   */
  constructor(message, remedy, exitCode = 1) {
    super(message);
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** Something that only a proof needs cannot be had here: what needs it is left out, and says so. */
export class Unavailable extends SetupError {
  /** @override */
  name = "Unavailable";
}

/**
 * For `catch`: throws what a person can put right as something that only a proof needs, anything else as it is.
 * @param {unknown} error
 * @returns {never}
 */
export function onlyForProof(error) {
  throw error instanceof SetupError ? new Unavailable(error.message, error.remedy) : error;
}

/** The person, or whatever started this program, wants it to end. */
export class Interrupted extends Error {
  /** @override */
  name = "Interrupted";

  /** @param {import("../../src/lib/ending-signals.mjs").Ending} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}
