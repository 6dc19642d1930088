/** Where in a run's folder the pictures of its epochs lie. */
export const pictureFolder = 'pictures';
/** An epoch's pictures in a run's folder. @param epoch its number, from 0 */
export const pictureFile = (epoch: number): string =>
  `${pictureFolder}/epoch-${String(epoch + 1).padStart(4, '0')}.png`;
