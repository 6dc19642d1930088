import { useEffect, useRef, useState } from 'preact/hooks';
import { counted } from '../../../label/report/format.ts';
import type { DroppedSource, SessionSummary } from '../../studio/studio.ts';
import { readDrop, readPicked } from '../drop/dropped.ts';
import { withAccess } from '../state/access.ts';
import { facts } from '../state/current.ts';
import { attempt, note } from '../state/messages.ts';
import { goTo } from '../state/screen.ts';
import { collect, listSessions, openSession, removeSession, sessions } from '../state/session.ts';
import { work } from '../state/work.ts';

/** Images of the demo where the adapter is a graphics card, and where the processor does the work. */
const demoImages = { hardware: 1200, software: 300 };

/** An attribute that TypeScript does not know. */
const wholeFolder: object = { webkitdirectory: true };

/** Where images come in. */
export function StartScreen() {
  const isReady = facts.value !== null;
  useEffect(() => {
    if (isReady) void attempt(listSessions);
  }, [isReady]);
  return (
    <>
      <h1>Label a folder of images from a few labels</h1>
      <p class="lead">
        Drop your images. The page learns what they have in common, asks you about some of them, labels the
        rest and says how far its labels can be trusted. Nothing leaves this computer.
      </p>
      <Adapter />
      {isReady && !facts.value!.problem && <DropZone />}
      <Sessions />
      {sessions.value.length === 0 && <HowItGoes />}
    </>
  );
}

function HowItGoes() {
  return (
    <ol class="steps" aria-label="How it goes">
      <li>
        <strong>Learn</strong> From all images, without labels, what makes two of them alike. The encoder that
        comes along does it at once.
      </li>
      <li>
        <strong>Label</strong> A few images of each class, one key each. The page proposes those that tell the
        most.
      </li>
      <li>
        <strong>Take home</strong> A label for every image with how sure it is, a report, and the model.
      </li>
    </ol>
  );
}

/** What does the work here, and how fast that is. */
function Adapter() {
  const known = facts.value;
  if (!known) return <p class="adapter">Looking for a graphics card …</p>;
  if (known.problem) {
    return (
      <div class="warnings">
        <h2>This browser cannot train</h2>
        <p>{known.problem}</p>
      </div>
    );
  }
  return (
    <>
      <p class="adapter">
        Works on {known.adapter}.
        {known.software &&
          ' This is the processor, not a graphics card: everything takes tens of times longer. A few hundred images are fine; the demo is small here.'}
      </p>
      {known.storage === 'memory' && (
        <p class="note">The browser refuses storage to this page: a reload loses what you have not saved.</p>
      )}
    </>
  );
}

function DropZone() {
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const isBusy = work.value !== null;
  const software = facts.value!.software;
  const pickFolder = async () => {
    if (!window.showDirectoryPicker) return folder.current!.click();
    try {
      take({ kind: 'folder', handle: await window.showDirectoryPicker({ id: 'images' }) });
    } catch (error) {
      if ((error as Error).name !== 'AbortError') folder.current!.click();
    }
  };
  const picked = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    take(readPicked([...(currentTarget.files ?? [])]));
    currentTarget.value = '';
  };
  return (
    <section
      class={`drop ${over ? 'over' : ''}`}
      aria-label="Images"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer) void attempt(async () => take(await readDrop(event.dataTransfer!)));
      }}
    >
      <Kin />
      <p>
        <strong>Drop a folder of images here</strong>
        <span>Sub-folders or a labels.csv among them give labels that you have already.</span>
      </p>
      <div class="actions">
        <button type="button" class="primary" disabled={isBusy} onClick={() => void pickFolder()}>
          Choose a folder
        </button>
        <button type="button" disabled={isBusy} onClick={() => files.current!.click()}>
          Choose files
        </button>
        <button
          type="button"
          disabled={isBusy}
          onClick={() => take({ kind: 'demo', images: software ? demoImages.software : demoImages.hardware })}
        >
          Try the demo
        </button>
      </div>
      <input ref={files} type="file" multiple hidden aria-label="Image files" onChange={picked} />
      <input ref={folder} type="file" {...wholeFolder} hidden aria-label="A folder" onChange={picked} />
    </section>
  );
}

/** Two views of one thing, which become kin: what the page is about. */
function Kin() {
  return (
    <svg class="kin" viewBox="0 0 96 56" aria-hidden="true">
      <rect x="2" y="6" width="40" height="40" rx="5" />
      <rect x="54" y="10" width="40" height="40" rx="5" transform="rotate(6 74 30)" />
      <circle cx="22" cy="26" r="10" />
      <circle cx="74" cy="30" r="13" />
      <path d="M33 26h28" />
    </svg>
  );
}

function take(source: DroppedSource | undefined): void {
  if (!source) {
    note('There were no files in that: drop a folder or image files.');
    return;
  }
  const begin = () => {
    void collect(source);
    goTo('images');
  };
  if (source.kind === 'folder') void withAccess(source.handle, 'read', begin);
  else begin();
}

function Sessions() {
  const kept = sessions.value;
  if (kept.length === 0) return null;
  return (
    <section class="sessions" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Go on with</h2>
      <ul>
        {kept.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
    </section>
  );
}

const stages = { collected: 'images read', paused: 'training paused', ready: 'ready to label' } as const;

function SessionRow({ session }: { readonly session: SessionSummary }) {
  const [asks, setAsks] = useState(false);
  const go = async () => {
    await openSession(session.id);
    goTo(session.stage === 'ready' ? 'label' : session.stage === 'paused' ? 'train' : 'images');
  };
  return (
    <li>
      <div>
        <strong>{session.name}</strong>
        <span>
          {counted(session.images, 'image')} · {counted(session.answers, 'label')} · {stages[session.stage]} ·{' '}
          {new Date(session.created).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
          {session.inUse && ' · open in another tab'}
        </span>
      </div>
      <div class="actions">
        {asks ? (
          <>
            <button
              type="button"
              class="danger"
              onClick={() => void attempt(() => removeSession(session.id))}
            >
              Delete for good
            </button>
            <button type="button" onClick={() => setAsks(false)}>
              Keep
            </button>
          </>
        ) : (
          <>
            <button type="button" disabled={work.value !== null} onClick={() => void attempt(go)}>
              Continue<span class="hidden"> {session.name}</span>
            </button>
            <button
              type="button"
              class="quiet"
              disabled={work.value !== null || session.inUse}
              onClick={() => setAsks(true)}
            >
              Delete<span class="hidden"> {session.name}</span>
            </button>
          </>
        )}
      </div>
    </li>
  );
}
