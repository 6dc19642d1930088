import { keyOfClass } from './keys.ts';
import { style } from './style.ts';

/** Constructed once and shared: a page whose policy allows no inline style takes it. */
let sheet: CSSStyleSheet | undefined;

/** The parts of an element's shadow tree. */
export interface View {
  readonly stage: HTMLElement;
  readonly frame: HTMLElement;
  readonly empty: HTMLElement;
  readonly name: HTMLElement;
  readonly reason: HTMLElement;
  readonly classes: HTMLElement;
  readonly none: HTMLButtonElement;
  readonly skip: HTMLButtonElement;
  readonly undo: HTMLButtonElement;
  readonly form: HTMLFormElement;
  readonly field: HTMLInputElement;
  readonly fieldName: Text;
  readonly submit: HTMLButtonElement;
  readonly said: HTMLElement;
}

/** Builds an element's shadow tree. */
export function buildView(root: ShadowRoot): View {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
  }
  root.adoptedStyleSheets = [sheet];
  const view: View = {
    stage: make('figure', { className: 'stage', tabIndex: 0 }),
    frame: make('div', { className: 'frame' }),
    empty: make('p', { hidden: true }),
    name: make('span', { className: 'path' }),
    reason: make('span', { className: 'reason' }),
    classes: make('ul', { className: 'classes' }),
    none: button('None of these', '0'),
    skip: button('Skip', 'space'),
    undo: button('Undo', 'u'),
    form: make('form'),
    field: make('input', { type: 'text', autocomplete: 'off', maxLength: 100, spellcheck: false }),
    fieldName: new Text(),
    submit: make('button', { type: 'submit' }),
    said: make('p', { className: 'said', role: 'status' }),
  };
  const slot = make('slot', { name: 'empty' });
  slot.append('Every image here has an answer.');
  view.empty.append(slot);
  view.frame.append(view.empty);
  const caption = make('figcaption');
  caption.append(view.name, view.reason);
  view.stage.append(view.frame, caption);
  view.stage.ariaLabel = 'The image to label';
  const label = make('label');
  label.append(view.fieldName, view.field);
  view.form.append(label, view.submit);
  const others = make('div', { className: 'others' });
  others.append(view.none, view.skip, view.undo);
  const side = make('div');
  side.append(view.classes, others, view.said, view.form);
  const whole = make('div', { className: 'labeller' });
  whole.append(view.stage, side);
  root.append(whole);
  view.classes.ariaLabel = 'Classes';
  return view;
}

/** What the buttons of a class are to show. */
export interface ShownClass {
  readonly name: string;
  readonly index: number;
  /** Images that have it; undefined where the page does not count. */
  readonly count: number | undefined;
  /** A colour of CSS; undefined where classes have none. */
  readonly colour: string | undefined;
}

/** A class's row: a button that gives it and one that renames it. */
export function classRow({ name, index, count, colour }: ShownClass): HTMLLIElement {
  const row = make('li');
  const key = keyOfClass(index);
  const answer = make('button', { type: 'button', className: 'answer' });
  answer.dataset.answer = String(index);
  if (key !== undefined) answer.append(keyCap(key));
  if (colour !== undefined) {
    const dot = make('span', { className: 'colour' });
    dot.style.setProperty('--own', colour);
    answer.append(dot);
  }
  answer.append(make('span', { className: 'name', textContent: name, title: name }));
  if (count !== undefined) {
    const shown = make('span', { className: 'count', textContent: String(count) });
    shown.title = `${count} labelled`;
    answer.append(shown);
  }
  const rename = make('button', { type: 'button', className: 'rename', textContent: '✎' });
  rename.dataset.rename = String(index);
  rename.ariaLabel = `Rename ${name}`;
  rename.title = `Rename ${name}`;
  row.append(answer, rename);
  return row;
}

function button(text: string, key: string): HTMLButtonElement {
  const made = make('button', { type: 'button' });
  made.append(keyCap(key), text);
  return made;
}

/** Shows a key; whoever listens hears only the button's name, with the key as its shortcut. */
function keyCap(key: string): HTMLElement {
  const cap = make('kbd', { textContent: key });
  cap.ariaHidden = 'true';
  return cap;
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), properties);
}
