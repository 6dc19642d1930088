import sax from 'sax';
import { UserError } from '../../../errors.ts';

/** An element of an XML file. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, without spaces around. */
  readonly text: string;
}

/** Elements within one another; annotation files have five. */
const deepest = 64;

interface Open extends XmlElement {
  children: XmlElement[];
  text: string;
}

/**
 * Reads an XML file whole. Of entities there are only XML's own five and numbers: those that a file declares itself are
 * refused, so that no file becomes longer than it is.
 * @throws UserError for what is no well-formed XML, with its line
 */
export function readXml(text: string, file: string): XmlElement {
  const parser = sax.parser(true, { position: true });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  const refuse = (reason: string): never => {
    throw new UserError(
      `${file}, line ${parser.line + 1} is not well-formed XML (${reason}): export it again`,
    );
  };
  parser.onerror = (error) => refuse(error.message.split('\n')[0]!.toLowerCase());
  parser.ondoctype = (doctype) => {
    if (/<!ENTITY/i.test(doctype)) refuse('it declares entities of its own');
  };
  parser.onopentag = ({ name, attributes }) => {
    if (open.length >= deepest) refuse(`elements lie more than ${deepest} deep`);
    const named = Object.entries(attributes as Record<string, string>);
    open.push({ name, attributes: new Map(named), children: [], text: '' });
  };
  const addText = (piece: string): void => {
    const within = open.at(-1);
    if (within) within.text += piece;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onclosetag = () => {
    const closed = open.pop()!;
    closed.text = closed.text.trim();
    const within = open.at(-1);
    if (within) within.children.push(closed);
    else root = closed;
  };
  parser.write(text).close();
  return root ?? refuse('it has no element');
}

/** The children of a name. */
export const childrenOf = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter((child) => child.name === name);

/** The text of the first child of a name; empty where there is none. */
export const childText = (element: XmlElement, name: string): string =>
  element.children.find((child) => child.name === name)?.text ?? '';
