/**
 * `<kindred-labeller>`: one image after the other, one key a class.
 *
 * ```html
 * <kindred-labeller page-keys></kindred-labeller>
 * <script type="module">
 *   import 'kindred/labeller';
 *   const labeller = document.querySelector('kindred-labeller');
 *   labeller.classes = ['cat', 'dog'];
 *   labeller.images = [{ id: 'a.jpg', picture: 'photos/a.jpg' }, { id: 'b.jpg', picture: 'photos/b.jpg' }];
 *   labeller.addEventListener('answer', ({ detail }) => console.log(detail.image.id, detail.answer));
 * </script>
 * ```
 *
 * @module
 */
import { KindredLabeller } from './labeller.ts';

export { KindredLabeller } from './labeller.ts';
export type {
  AnswerDetail,
  ClassAddDetail,
  ClassRenameDetail,
  LabellerAnswer,
  LabellerEvents,
  LabellerImage,
  LabellerPicture,
  ShowDetail,
  UndoDetail,
} from './labeller_api.ts';

declare global {
  interface HTMLElementTagNameMap {
    'kindred-labeller': KindredLabeller;
  }
}

if (!customElements.get('kindred-labeller')) customElements.define('kindred-labeller', KindredLabeller);
