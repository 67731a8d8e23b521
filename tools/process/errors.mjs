/**
 * A problem that only a person can solve, and how.
 * @typedef {object} Problem
 * @property {string} what
 * @property {string} remedy
 */

/** A problem that a person can solve. The message says what is wrong, `remedy` says what to do. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";

  /**
   * @param {string} message
   * @param {string} [remedy] a command or a sentence
   * @param {number} [exitCode]
   */
  constructor(message, remedy, exitCode = 1) {
    super(message);
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** Something that only tests need is not available here. Those tests are skipped with this message. */
export class Unavailable extends SetupError {
  /** @override */
  name = "Unavailable";
}

/**
 * For `catch`: rethrows a SetupError as Unavailable, and any other error unchanged.
 * @param {unknown} error
 * @returns {never}
 */
export function onlyForProof(error) {
  throw error instanceof SetupError ? new Unavailable(error.message, error.remedy) : error;
}

/** A person, or the process that started this program, has asked it to end. */
export class Interrupted extends Error {
  /** @override */
  name = "Interrupted";

  /** @param {import("../../src/lib/ending-signals.mjs").Ending} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}
