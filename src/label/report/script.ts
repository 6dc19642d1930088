import { namingScript } from './naming_script.ts';

/**
 * Shows the thumbnail and the tip of the map's point that the pointer is nearest to. Without it, the points still have
 * their titles. Lets groups be named (see `namingScript`). It holds no data, so that its hash, which the page's policy names, is the same for every report.
 */
export const script = `'use strict';
for (const map of document.querySelectorAll('.map')) {
  const svg = map.querySelector('svg');
  const tip = map.querySelector('.tip');
  const [picture, text] = tip.children;
  const points = [...svg.querySelectorAll('.points > *')].map((shape) => {
    const title = shape.querySelector('title');
    const move = shape.transform.baseVal;
    const at = move.length > 0 ? move[0].matrix : { e: shape.cx.baseVal.value, f: shape.cy.baseVal.value };
    const point = { shape, x: at.e, y: at.f, text: title ? title.textContent : '' };
    if (title) title.remove();
    return point;
  });
  let chosen;
  const choose = (point) => {
    if (point === chosen) return;
    if (chosen) chosen.shape.classList.remove('chosen');
    chosen = point;
    tip.hidden = !point;
    if (!point) return;
    point.shape.classList.add('chosen');
    const place = point.shape.dataset.place;
    picture.hidden = !place;
    if (place) {
      const [sheet, x, y] = place.split(' ');
      picture.className = 'thumb ' + sheet;
      picture.style.setProperty('--x', x);
      picture.style.setProperty('--y', y);
    }
    text.textContent = point.text;
    const box = map.getBoundingClientRect();
    const shown = point.shape.getBoundingClientRect();
    const left = shown.left - box.left + 14;
    tip.style.left = Math.max(0, Math.min(left, box.width - tip.offsetWidth)) + 'px';
    tip.style.top = shown.bottom - box.top + 8 + 'px';
  };
  svg.addEventListener('pointermove', (event) => {
    const here = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let nearest;
    let least = 14;
    for (const point of points) {
      const distance = Math.hypot(point.x - here.x, point.y - here.y);
      if (distance < least) {
        least = distance;
        nearest = point;
      }
    }
    choose(nearest);
  });
  svg.addEventListener('pointerleave', () => choose(undefined));
}
document.documentElement.classList.add('scripting');
${namingScript}`;
