import type { HTMLAttributes, Ref } from 'preact';
import type { KindredLabeller } from '../../labeller/labeller.ts';

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'kindred-labeller': HTMLAttributes<HTMLElement> & {
        ref?: Ref<KindredLabeller>;
        'page-keys'?: boolean;
        readonly?: boolean;
      };
    }
  }
}
