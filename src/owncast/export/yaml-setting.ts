import { isDeepStrictEqual } from "node:util";
import { Document, isScalar, parseDocument, visit, type YAMLSeq } from "yaml";

const widest = 90;

/**
 * A setting as lines of YAML, with texts that read back exactly as they are. Short lists stand on one line, long texts as they
 * would be typed.
 */
export function yamlSetting(key: string, value: unknown): string {
  const document = new Document({ [key]: value });
  visit(document, {
    Seq(_, node) {
      if (fitsOnLine(node)) node.flow = true;
    },
  });
  const text = document.toString({
    lineWidth: 0,
    blockQuote: "literal",
    flowCollectionPadding: false,
    ...quotedOnOneLine,
  });
  // What a text's style would lose, or would take from the lines after it, is written with escapes, as JSON is, which is YAML too.
  return readsBack(text, { [key]: value }) && !keepsLines.test(text) ? text : `${key}: ${JSON.stringify(value)}\n`;
}

const quotedOnOneLine = { doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY };
const keepsLines = /[|>]\d?\+$/m;

/** A list of words. */
const fitsOnLine = (list: YAMLSeq): boolean =>
  list.items.every(isShort) && JSON.stringify(list.toJSON()).length <= widest;

const isShort = (node: unknown): boolean =>
  isScalar(node) && !(typeof node.value === "string" && (node.value.includes("\n") || node.value.length > widest));

const readsBack = (text: string, value: unknown): boolean => {
  const document = parseDocument(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), value);
};
