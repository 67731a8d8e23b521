/** A form in which a secret may leak. */
export interface SecretForm {
  readonly form: string;
  readonly bytes: Buffer;
}

/**
 * Every form of a secret that a scan looks for: plain, in a URL, in JSON (JavaScript's and Go's), in hexadecimal, and in
 * base64 with any bytes around it, as in `Basic <base64 of admin:password>`.
 */
export function secretForms(value: string): SecretForm[] {
  const bytes = Buffer.from(value);
  const inJson = JSON.stringify(value).slice(1, -1);
  const texts: [string, string][] = [
    ["clear", value],
    ["URL-encoded", encodeURIComponent(value)],
    ["URL-encoded as a form", new URLSearchParams({ k: value }).toString().slice(2)],
    ["URL-encoded as a path", encodeURI(value)],
    ["JSON", inJson],
    ["JSON in ASCII", inJson.replace(/[<>&\u0080-\uffff]/g, escaped)],
    ["JSON by Go", inJson.replace(/[<>&]/g, escaped)],
    ["JSON in JSON", JSON.stringify(inJson).slice(1, -1)],
    ["hexadecimal", bytes.toString("hex")],
    ["HEXADECIMAL", bytes.toString("hex").toUpperCase()],
    ...[0, 1, 2].flatMap((before): [string, string][] => {
      const text = base64Inside(bytes, before);
      return [
        ["base64", text],
        ["base64 for URLs", text.replaceAll("+", "-").replaceAll("/", "_")],
      ];
    }),
  ];
  // If two forms are the same text, keep the first.
  const unique = new Map(texts.toReversed().map(([form, text]) => [text, form]));
  return [...unique].map(([text, form]) => ({ form, bytes: Buffer.from(text) }));
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The part of the base64 that does not depend on the bytes around, with so many bytes (mod 3) before the secret. */
function base64Inside(bytes: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor((whole.length * 8) / 6);
  return whole.toString("base64").slice(first, last);
}
