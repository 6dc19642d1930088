import { describeCard, type EncoderCard } from '../../../encoder/encoder_card.ts';
import { table } from '../elements.ts';
import { type Content, html, userText } from '../html.ts';

/** The encoders that were compared: how each sees images, what its weights may be used under, and who says so. */
export function encodersTable(encoders: readonly EncoderCard[]): Content {
  if (encoders.length === 0) return null;
  const ofHub = encoders.some(({ origin }) => origin);
  const facts = encoders.map((card) => describeCard(card).filter(({ what }) => ofHub || what !== 'Files'));
  return table({
    caption: 'The encoders, how images reach each of them, and who says so',
    columns: [{ head: 'Encoder' }, ...facts[0]!.map(({ what }) => ({ head: what }))],
    rows: encoders.map(({ name, architecture }, at) => [
      [userText(name, 60), html`<br><small>${architecture}</small>`],
      ...facts[at]!.map(({ value, from }) => [
        userText(value, 120),
        from && html`<br><small>${from}</small>`,
      ]),
    ]),
  });
}
