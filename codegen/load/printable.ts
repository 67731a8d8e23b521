const maxShown = 60;
const maxMessage = 1000;

/** A text in quotes, on one line and cut to fit. Invisible characters and those that reorder text are escaped. */
export function printable(text: string): string {
  // Cut by code points, so that no character is halved.
  const characters = [...text.slice(0, 2 * maxShown + 2)];
  const cut = characters.length > maxShown ? `${characters.slice(0, maxShown).join("")}…` : text;
  return spellOut(JSON.stringify(cut));
}

/** A value for an error message. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? printable(value) : String(value);
}

/** A message that may quote the file, as one line that is safe on a terminal. */
export const oneLine = (message: string): string => {
  const line = spellOut(message);
  return line.length > maxMessage ? `${line.slice(0, maxMessage).replace(/\p{Surrogate}$/u, "")}…` : line;
};

// Control characters, joiners and marks without width, line separators, signs that reorder text, half characters.
const invisible = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;

const spellOut = (text: string): string =>
  text.replace(invisible, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
