import { baseOf } from "./cue-text.ts";

/** Words before which a clause begins, and words that lean on the next one, for languages of the Latin and Cyrillic scripts. */
const table: Readonly<Record<string, { readonly begin: string; readonly lean: string }>> = {
  en: {
    begin:
      "and but or nor so because although though while when where which who that if unless until since after before as than",
    lean: "a an the to of in on at by for from with into is are was were be been will would can could should must not my your his her its our their this these those very more mr mrs dr",
  },
  de: {
    begin:
      "und oder aber denn sondern weil dass wenn ob als während obwohl damit bevor nachdem der die das welche welcher wo wie",
    lean: "ein eine einen einem einer eines dem den des zu im in an am auf bei von vom mit für aus nach ist sind war waren nicht sehr mein dein sein ihr unser",
  },
  fr: {
    begin: "et ou mais donc or ni car que qui quand lorsque parce puisque si comme dont où",
    lean: "un une le la les l' de du des d' à au aux en dans sur par pour avec est sont était ne très mon ton son ma ta sa mes tes ses notre votre leur ce cette ces",
  },
  es: {
    begin: "y e o u pero sino porque que cuando aunque si como donde mientras pues",
    lean: "un una el la los las de del a al en con por para es son era no muy mi tu su mis tus sus este esta estos estas",
  },
  it: {
    begin: "e ed o ma però perché che quando se come dove mentre anche",
    lean: "un una uno il lo la i gli le di del della dei delle a al alla da dal in nel con su per è sono era non molto mio tuo suo questo questa",
  },
  pt: {
    begin: "e ou mas porque que quando se como onde embora enquanto pois",
    lean: "um uma o a os as de do da dos das em no na nos nas com por para é são era não muito meu seu sua este esta",
  },
  nl: {
    begin: "en of maar want omdat dat als toen wanneer hoewel terwijl die waar",
    lean: "een de het te van in op aan bij met voor uit naar is zijn was waren niet heel mijn jouw uw haar ons deze dit",
  },
  pl: {
    begin: "i a ale lub albo bo ponieważ że gdy kiedy jeśli który która które gdzie",
    lean: "w we na z ze do od o po przy dla nie jest są",
  },
  ru: {
    begin: "и а но или что чтобы когда если потому который которая которые где как",
    lean: "в во на с со к ко от о об по при для не из у",
  },
  uk: {
    begin: "і й та а але або що щоб коли якщо бо який яка які де як",
    lean: "в у на з із до від о об по при для не",
  },
  tr: { begin: "ve ama fakat ancak veya çünkü eğer ki", lean: "bir bu şu o çok en" },
};

/** What is known of a language's clauses. */
export interface ClauseWords {
  /** Whether a clause may begin with the word: a good place for a break before it. */
  begins(word: string): boolean;
  /** Whether the word leans on the next one, as an article does: a bad place for a break after it. */
  leans(word: string): boolean;
}

/** The clause words of a language. For a language without a list no word is one. */
export function clauseWords(language: string): ClauseWords {
  const { begin = "", lean = "" } = table[baseOf(language)] ?? {};
  const [begins, leans] = [new Set(begin.split(" ")), new Set(lean.split(" "))];
  return {
    begins: (word) => begins.has(word.toLowerCase()),
    leans: (word) => leans.has(word.toLowerCase()),
  };
}
