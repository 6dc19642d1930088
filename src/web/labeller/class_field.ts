import type { View } from './view.ts';

/** What the field needs of its element. */
export interface ClassFieldOwner {
  /** Names of the classes there are. */
  readonly classes: readonly string[];
  /** Tells the person something. */
  say(text: string, isWrong?: boolean): void;
  /** Takes a new class. */
  add(name: string): void;
  /** Takes a class's new name. */
  rename(index: number, name: string): void;
}

/**
 * The field below the classes. It adds class after class; an empty line or Escape leads back to the image. While a class
 * is being renamed it takes that one's new name.
 */
export class ClassField {
  readonly #view: View;
  readonly #owner: ClassFieldOwner;
  /** Number of the class that is being renamed; undefined while the field adds one. */
  #renaming: number | undefined;

  constructor(view: View, owner: ClassFieldOwner) {
    this.#view = view;
    this.#owner = owner;
    this.reset();
    view.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#take(view.field.value.trim().replace(/\s+/g, ' '));
    });
    view.field.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#leave();
    });
  }

  /** Begins to rename a class. */
  rename(index: number): void {
    const { field, fieldName, submit } = this.#view;
    this.#renaming = index;
    fieldName.data = `New name for ${this.#owner.classes[index]}`;
    submit.textContent = 'Rename';
    field.value = this.#owner.classes[index]!;
    field.select();
  }

  /** Makes it a field for another class. */
  reset(): void {
    const { field, submit } = this.#view;
    this.#renaming = undefined;
    submit.textContent = 'Add';
    field.value = '';
    this.retitle();
  }

  /** Says what it is for: before there is a class, whoever begins is told where. */
  retitle(): void {
    if (this.#renaming !== undefined) return;
    const isFirst = this.#owner.classes.length === 0;
    this.#view.fieldName.data = isFirst ? 'Name of the first class' : 'Another class';
  }

  #leave(): void {
    this.reset();
    this.#view.stage.focus();
  }

  #take(name: string): void {
    const index = this.#renaming;
    const known = this.#owner.classes.indexOf(name);
    if (name === '' || (known >= 0 && known === index)) this.#leave();
    else if (known >= 0) this.#owner.say(`There is a class ${name} already.`, true);
    else if (index === undefined) {
      this.reset();
      this.#owner.say(`Added ${name}; Enter goes back to the image.`);
      this.#owner.add(name);
    } else {
      this.#leave();
      this.#owner.say('');
      this.#owner.rename(index, name);
    }
  }
}
