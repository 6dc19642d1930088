/** Text that is HTML already: what `html` makes. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What can be put into a page: numbers and plain text are escaped, null is nothing. */
export type Content = Html | string | number | null | readonly Content[];

/** HTML from a template: whatever is put in is escaped, for text and for quoted attributes, unless it is `Html`. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.reduce((text, part, at) => text + markup(values[at - 1]!) + part));
}

function markup(content: Content): string {
  if (content instanceof Html) return content.text;
  if (content === null) return '';
  if (typeof content === 'object') return content.map(markup).join('');
  return escapeText(String(content));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes for text and attributes; characters that would not show (a line break in a path) get a picture of them. */
function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character]!)
    .replace(/\p{Cc}/gu, (control) => {
      const code = control.charCodeAt(0);
      return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? '\u2421' : '\ufffd';
    })
    .replace(/\p{Cs}/gu, '\ufffd');
}

/**
 * At most so many characters; an ellipsis stands where the rest was: two thirds into a name, one third into a path. The
 * end stays, as it is there that numbered names and files of one folder differ.
 */
export function clip(text: string, most: number, kind: 'name' | 'path' = 'name'): string {
  if (text.length <= most) return text;
  const characters = [...text];
  if (characters.length <= most) return text;
  const tail = Math.floor(kind === 'path' ? (most * 2) / 3 : most / 3);
  const head = characters.slice(0, most - 1 - tail);
  return `${head.join('')}…${characters.slice(characters.length - tail).join('')}`;
}

/** The most characters of a name or path in a tool tip: more would make the page's size depend on them. */
const longestTip = 240;

/** A user's text: kept from changing the direction of its surroundings, cut to `most` characters with the whole as tip. */
export function userText(text: string, most: number, kind: 'name' | 'path' = 'name'): Html {
  const short = clip(text, most, kind);
  if (short === text) return html`<bdi>${text}</bdi>`;
  return html`<bdi title="${clip(text, longestTip, kind)}">${short}</bdi>`;
}

/** A class's name, cut where it is long. */
export const className = (name: string): Html => userText(name, 32);
/** An image's path, cut where it is long. */
export const pathName = (path: string): Html => html`<span class="path">${userText(path, 56, 'path')}</span>`;

/** A user's text inside a longer plain one: between marks that isolate its direction (Unicode's FSI and PDI). */
export function isolated(text: string, most: number, kind: 'name' | 'path' = 'name'): string {
  return `\u2068${clip(text, most, kind)}\u2069`;
}
