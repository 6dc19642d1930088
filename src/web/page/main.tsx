import '../labeller/index.ts';
import { render } from 'preact';
import { App } from './app.tsx';
import { facts, session } from './state/current.ts';
import { attempt } from './state/messages.ts';
import { goTo, keepPlace, placeInAddress, screen, show } from './state/screen.ts';
import { listSessions, openSession, sessions } from './state/session.ts';
import { studio } from './state/studio_link.ts';
import { hear } from './state/training.ts';

/** Goes where the address says: after a reload, or back in the browser's history. */
async function follow(): Promise<void> {
  const place = placeInAddress();
  const isKept = sessions.value.some(({ id }) => id === place.id);
  if (isKept && place.id !== session.value?.id) await openSession(place.id!);
  show(place.screen);
  if (screen.value !== place.screen) keepPlace();
}

render(<App />, document.getElementById('page')!);
addEventListener('popstate', () => void attempt(follow));
await attempt(async () => {
  facts.value = await studio.start(hear);
  await listSessions();
  if (placeInAddress().id === undefined) goTo('start');
  else await follow();
});
