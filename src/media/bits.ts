const byteBits = 8;

/** Reads whole numbers of so many bits, highest bit first. Throws RangeError at the end of the bytes. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next `count` bits, at most 53. */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError("it ends too early");
      value = value * 2 + ((byte >> (byteBits - 1 - (this.#at % byteBits))) & 1);
    }
    return value;
  }

  /** Passes over so many bits. */
  skip(count: number): void {
    this.read(count);
  }

  /** An unsigned number in Exp-Golomb code. */
  golomb(): number {
    let zeros = 0;
    while (this.read(1) === 0) if (++zeros > 31) throw new RangeError("no number is that long");
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** A signed number in Exp-Golomb code. */
  signedGolomb(): number {
    const code = this.golomb();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }

  /** Skips to the next whole byte. */
  align(): void {
    this.#at = Math.ceil(this.#at / byteBits) * byteBits;
  }
}

/** Writes whole numbers of so many bits, highest bit first. */
export class BitWriter {
  readonly #bits: number[] = [];

  /** Writes the lowest `count` bits, at most 32. */
  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push(Math.floor(value / 2 ** bit) % 2);
  }

  /** Fills the last byte with zeros. */
  align(): void {
    while (this.#bits.length % byteBits !== 0) this.#bits.push(0);
  }

  /** Everything so far, in whole bytes. */
  bytes(): Buffer {
    this.align();
    const bytes = Buffer.alloc(this.#bits.length / byteBits);
    for (const [at, bit] of this.#bits.entries()) bytes[at >> 3]! |= bit << (byteBits - 1 - (at % byteBits));
    return bytes;
  }
}
