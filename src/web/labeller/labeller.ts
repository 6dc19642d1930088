import { ClassField } from './class_field.ts';
import { belongsTo, type KeyMeaning, keyOfClass, meaningOf } from './keys.ts';
import type { LabellerAnswer, LabellerEvents, LabellerImage } from './labeller_api.ts';
import { Pictures } from './pictures.ts';
import { buildView, classRow, type View } from './view.ts';

/** So many answers can be taken back. */
const mostUndone = 1000;

/**
 * A custom element that shows one image after the other and takes an answer for each, by a key or a button: 1–9 and a–z
 * give a class, 0 says that the image belongs to none of them, space skips it, u or Ctrl-Z takes the last answer back.
 * Classes can be added and renamed. It keeps no answers: a page hears them (see `LabellerEvents`).
 *
 * Attributes: `page-keys`: keys count wherever the focus is on the page, but in other fields. `readonly`: nothing can be
 * answered. A child with `slot="empty"` is what is shown when no image is left. The custom properties `--kindred-ground`,
 * `--kindred-panel`, `--kindred-text`, `--kindred-muted`, `--kindred-line`, `--kindred-edge` and `--kindred-accent` are its
 * colours.
 */
export class KindredLabeller extends HTMLElement {
  /** Attributes that the element heeds. */
  static readonly observedAttributes: readonly string[] = ['readonly'];
  readonly #view: View;
  readonly #field: ClassField;
  readonly #pictures = new Pictures();
  #classes: readonly string[] = [];
  #counts: readonly number[] | undefined;
  #colours: readonly string[] | undefined;
  #queue: readonly LabellerImage[] = [];
  #answered: LabellerImage[] = [];
  #shown: LabellerImage | undefined;
  #connection: AbortController | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    this.#view = buildView(root);
    root.addEventListener('click', (event) => this.#click(event.target as Element));
    const element = this;
    this.#field = new ClassField(this.#view, {
      get classes() {
        return element.#classes;
      },
      say: (text, isWrong) => this.#say(text, isWrong),
      add: (name) => {
        if (this.#tell('classadd', { name })) this.classes = [...this.#classes, name];
      },
      rename: (index, name) => {
        if (!this.#tell('classrename', { index, name })) return;
        this.classes = this.#classes.map((known, at) => (at === index ? name : known));
      },
    });
    this.#showClasses();
  }

  /**
   * What is to be labelled, in this order. An answered image leaves the list. Where the one that is shown is in the new
   * list it stays, whatever its place there.
   */
  get images(): readonly LabellerImage[] {
    return this.#queue;
  }

  /** Shows the first of another list, unless the image that is shown is in it. */
  set images(images: readonly LabellerImage[]) {
    const current = this.#shown && images.find(({ id }) => id === this.#shown!.id);
    this.#queue = current ? [current, ...images.filter((image) => image !== current)] : [...images];
    this.#show();
  }

  /** Names of the classes, in the order of their keys. */
  get classes(): readonly string[] {
    return this.#classes;
  }

  /** Replaces the names, and with them what the keys mean. */
  set classes(classes: readonly string[]) {
    this.#classes = [...classes];
    this.#showClasses();
  }

  /** How many images each class has; shown beside its name, where it is given. */
  get counts(): readonly number[] | undefined {
    return this.#counts;
  }

  /** Shows other counts, or none. */
  set counts(counts: readonly number[] | undefined) {
    this.#counts = counts;
    this.#showClasses();
  }

  /** Colours of the classes, as CSS writes them; shown beside their names, where they are given. */
  get colours(): readonly string[] | undefined {
    return this.#colours;
  }

  /** Shows other colours, or none. */
  set colours(colours: readonly string[] | undefined) {
    this.#colours = colours;
    this.#showClasses();
  }

  /** Whether nothing can be answered; the attribute `readonly`. */
  get readOnly(): boolean {
    return this.hasAttribute('readonly');
  }

  /** Sets or removes the attribute. */
  set readOnly(isReadOnly: boolean) {
    this.toggleAttribute('readonly', isReadOnly);
  }

  /** The image that is shown; undefined where none is left. */
  get current(): LabellerImage | undefined {
    return this.#queue[0];
  }

  /** Shows an image before all others, whether it is among `images` or not. */
  present(image: LabellerImage): void {
    this.#queue = [image, ...this.#queue.filter(({ id }) => id !== image.id)];
    this.#show();
  }

  /** Answers for the image that is shown, as a key would. */
  answer(answer: LabellerAnswer): void {
    const image = this.current;
    if (!image || this.readOnly) return;
    this.#say(describeAnswer(answer, this.#classes));
    if (!this.#tell('answer', { image, answer })) return;
    this.#answered = [...this.#answered.slice(1 - mostUndone), image];
    this.#queue = this.#queue.filter(({ id }) => id !== image.id);
    this.#show();
  }

  /** Takes the last answer back, as the key would. */
  undo(): void {
    if (this.readOnly) return;
    const image = this.#answered.at(-1);
    this.#say(image ? 'The last answer is taken back.' : '');
    const goes = this.#tell('undo', { image });
    this.#answered = this.#answered.slice(0, -1);
    if (goes && image) this.present(image);
  }

  /** @internal */
  connectedCallback(): void {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    const hear = (event: Event) => {
      const isInside = event.composedPath().includes(this);
      if (isInside || this.hasAttribute('page-keys')) this.#press(event as KeyboardEvent);
    };
    document.addEventListener('keydown', hear, { signal });
  }

  /** @internal */
  disconnectedCallback(): void {
    this.#connection?.abort();
  }

  /** @internal */
  attributeChangedCallback(): void {
    this.#showClasses();
    this.#field.reset();
    this.#view.form.hidden = this.readOnly;
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const focused = document.activeElement;
    if (belongsTo(focused === this ? this.shadowRoot!.activeElement : focused, event)) return;
    const meaning = meaningOf(event, this.#classes.length);
    if (meaning === undefined) return;
    event.preventDefault();
    this.#do(meaning);
  }

  #do(meaning: KeyMeaning): void {
    if (meaning === 'undo') this.undo();
    else if (meaning !== 'guess') this.answer(meaning);
    else if (this.current?.guess !== undefined) this.answer(this.current.guess);
  }

  #click(target: Element): void {
    const { none, skip, undo } = this.#view;
    const button = target.closest('button');
    if (!button) return;
    if (button.dataset.answer !== undefined) this.answer(Number(button.dataset.answer));
    else if (button.dataset.rename !== undefined) this.#field.rename(Number(button.dataset.rename));
    else if (button === none) this.answer('none');
    else if (button === skip) this.answer('skip');
    else if (button === undo) this.undo();
  }

  #showClasses(): void {
    const { classes, none, skip, undo } = this.#view;
    const focused = (this.shadowRoot?.activeElement as HTMLElement | null)?.dataset;
    const rows = this.#classes.map((name, index) =>
      classRow({ name, index, count: this.#counts?.[index], colour: this.#colours?.[index] }),
    );
    classes.replaceChildren(...rows);
    this.#field.retitle();
    for (const button of [none, skip, undo]) button.disabled = this.readOnly;
    for (const button of classes.querySelectorAll('button')) {
      const isRename = button.dataset.rename !== undefined;
      button.disabled = this.readOnly || (!isRename && !this.current);
      const key = keyOfClass(Number(button.dataset.answer));
      if (key) button.setAttribute('aria-keyshortcuts', key);
      const had = isRename ? focused?.rename : focused?.answer;
      if (had !== undefined && had === (isRename ? button.dataset.rename : button.dataset.answer))
        button.focus();
    }
    this.#markGuess();
  }

  #markGuess(): void {
    const guess = this.current?.guess;
    for (const button of this.#view.classes.querySelectorAll<HTMLElement>('.answer'))
      button.classList.toggle('guess', guess !== undefined && button.dataset.answer === String(guess));
  }

  #show(): void {
    const image = this.current;
    const isSame = image !== undefined && image.id === this.#shown?.id;
    this.#shown = image;
    this.#pictures.prepare(this.#queue);
    const { frame, empty, name, reason, none, skip, classes } = this.#view;
    name.textContent = image?.name ?? '';
    reason.textContent = image?.reason ?? '';
    empty.hidden = image !== undefined;
    const answers = classes.querySelectorAll<HTMLButtonElement>('.answer');
    for (const button of [none, skip, ...answers]) button.disabled = this.readOnly || !image;
    this.#markGuess();
    if (isSame) return;
    for (const old of frame.querySelectorAll('canvas, img, .failed')) old.remove();
    frame.classList.remove('fresh');
    if (image) this.#fill(image);
    this.#tell('show', { image });
  }

  #fill(image: LabellerImage): void {
    const { frame } = this.#view;
    this.#pictures.of(image).then(
      (picture) => {
        if (this.#shown?.id !== image.id) return;
        frame.append(picture);
        frame.classList.add('fresh');
      },
      () => {
        if (this.#shown?.id !== image.id) return;
        const failed = Object.assign(document.createElement('p'), { className: 'failed' });
        failed.textContent = 'This image cannot be shown; skip it.';
        frame.append(failed);
      },
    );
  }

  #say(text: string, isWrong = false): void {
    this.#view.said.textContent = text;
    this.#view.said.classList.toggle('wrong', isWrong);
  }

  /** @returns whether nobody prevented what the element does by itself */
  #tell<Name extends keyof LabellerEvents>(name: Name, detail: LabellerEvents[Name]['detail']): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable: name !== 'show', bubbles: true }));
  }
}

function describeAnswer(answer: LabellerAnswer, classes: readonly string[]): string {
  if (answer === 'skip') return 'The last one: skipped.';
  return answer === 'none' ? 'The last one: none of these.' : `The last one: ${classes[answer]}.`;
}
