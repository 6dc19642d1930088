/** What is shown: an address, pixels, or a function that fetches pixels when the image's turn is near. */
export type LabellerPicture = string | ImageData | ImageBitmap | (() => Promise<ImageData | ImageBitmap>);

/** An image to be labelled. */
export interface LabellerImage {
  /** What the page knows it by; two with the same id are the same image. */
  readonly id: string | number;
  /** What is shown. */
  readonly picture: LabellerPicture;
  /** Its name for people, shown below it: a path, say. */
  readonly name?: string;
  /** Why it is shown, in words. */
  readonly reason?: string;
  /** Number of the class that it probably has: the class is marked, and Enter gives it. */
  readonly guess?: number;
}

/** An answer: a class's number, that the image belongs to none of them, or that the person cannot say. */
export type LabellerAnswer = number | 'none' | 'skip';

/** Of the event `answer`. */
export interface AnswerDetail {
  /** What it is about. */
  readonly image: LabellerImage;
  /** What the person said. */
  readonly answer: LabellerAnswer;
}

/** Of the event `undo`. */
export interface UndoDetail {
  /** The image that was answered last in this element; undefined where none was. */
  readonly image: LabellerImage | undefined;
}

/** Of the event `classadd`. */
export interface ClassAddDetail {
  /** The new class's name, which no other class has. */
  readonly name: string;
}

/** Of the event `classrename`. */
export interface ClassRenameDetail {
  /** The class's number. */
  readonly index: number;
  /** Its new name, which no other class has. */
  readonly name: string;
}

/** Of the event `show`. */
export interface ShowDetail {
  /** The image that is shown from here on; undefined where there is none left. */
  readonly image: LabellerImage | undefined;
}

/**
 * The events of `<kindred-labeller>`. All but `show` do something by themselves unless `preventDefault` is called:
 * `answer` goes on to the next image, `undo` goes back to the last one, `classadd` and `classrename` change `classes`.
 */
export interface LabellerEvents {
  /** A person answered. */
  readonly answer: CustomEvent<AnswerDetail>;
  /** A person takes the last answer back. */
  readonly undo: CustomEvent<UndoDetail>;
  /** A person added a class. */
  readonly classadd: CustomEvent<ClassAddDetail>;
  /** A person renamed a class. */
  readonly classrename: CustomEvent<ClassRenameDetail>;
  /** Another image is shown. */
  readonly show: CustomEvent<ShowDetail>;
}
