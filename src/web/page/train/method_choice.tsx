import { useEffect, useState } from 'preact/hooks';
import { knownEncoders } from '../../../app/hub/names.ts';
import { megabytes } from '../../../formats/hub_cache.ts';
import type { TrainingChoice } from '../../studio/studio.ts';
import { isOwnPolicy } from '../state/policy.ts';
import { goTo } from '../state/screen.ts';
import type { PretextSummary } from './pretext_list.ts';

/** Three ways to features: an encoder that is shipped, one that is given, or one that is trained here. */
export function MethodChoice({
  choice,
  onChange,
  software,
}: {
  readonly choice: TrainingChoice;
  readonly onChange: (choice: TrainingChoice) => void;
  /** Whether the processor does the work. */
  readonly software: boolean;
}) {
  const methods = usePretextMethods();
  const isPretext = !['base', 'file', 'hub'].includes(choice.method);
  return (
    <form class="methods" onSubmit={(event) => event.preventDefault()}>
      <fieldset>
        <legend>What learns?</legend>
        <Way
          name="Start at once"
          checked={choice.method === 'base'}
          onChoose={() => onChange({ method: 'base' })}
          text="The encoder that kindred brings along looks at every image. This is the quickest way, and often good enough for a first round of labels."
        />
        <Way
          name="Train on these images"
          checked={isPretext}
          onChoose={() => onChange({ method: methods[0]?.name ?? 'simclr' })}
          text={`Learns from all of your images, with or without labels, what makes two of them alike. Better for images unlike everyday photos.${software ? ' On the processor this takes long: begin with few epochs.' : ' It takes minutes.'}`}
        >
          {isPretext && <PretextSettings choice={choice} onChange={onChange} methods={methods} />}
        </Way>
        <Way
          name="An encoder of yours"
          checked={choice.method === 'file'}
          onChoose={() => onChange({ method: 'file' })}
          text="Weights of a ResNet or a vision transformer, as a .safetensors or PyTorch file. They are read here and go nowhere."
        >
          {choice.method === 'file' && (
            <label class="field">
              <span>Weights file</span>
              <input
                type="file"
                accept=".safetensors,.pth,.pt,.bin"
                onChange={({ currentTarget }) => {
                  const file = currentTarget.files?.[0];
                  onChange({ method: 'file', ...(file && { file }) });
                }}
              />
            </label>
          )}
        </Way>
        {mayAskHub() && (
          <Way
            name="One of the hub"
            checked={choice.method === 'hub'}
            onChoose={() => onChange({ method: 'hub', name: Object.keys(knownEncoders)[0]! })}
            text="An encoder that others have trained on millions of images, fetched once from huggingface.co and kept in this browser. The hub learns which one you fetch, and nothing of your images."
          >
            {choice.method === 'hub' && <HubSettings choice={choice} onChange={onChange} />}
          </Way>
        )}
      </fieldset>
    </form>
  );
}

/** Whether this page's policy lets it reach the hub, which whoever serves it decides. */
function mayAskHub(): boolean {
  const policy = document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]');
  return policy?.content.includes('https://huggingface.co') ?? true;
}

function HubSettings({
  choice,
  onChange,
}: {
  readonly choice: TrainingChoice;
  readonly onChange: (choice: TrainingChoice) => void;
}) {
  return (
    <label class="field">
      <span>Encoder</span>
      <select
        value={choice.name}
        onChange={({ currentTarget }) => onChange({ method: 'hub', name: currentTarget.value })}
      >
        {Object.entries(knownEncoders).map(([name, { repository, licence, bytes }]) => (
          <option key={name} value={name}>
            {name}: {repository}, {megabytes(bytes)}, licence {licence}
          </option>
        ))}
      </select>
    </label>
  );
}

function Way({
  name,
  text,
  checked,
  onChoose,
  children,
}: {
  readonly name: string;
  readonly text: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
  readonly children?: preact.ComponentChildren;
}) {
  return (
    <div class={`way ${checked ? 'chosen' : ''}`}>
      <label>
        <input type="radio" name="way" checked={checked} onChange={onChoose} />
        <span>
          <strong>{name}</strong>
          <span>{text}</span>
        </span>
      </label>
      {children && <div class="settings">{children}</div>}
    </div>
  );
}

function PretextSettings({
  choice,
  onChange,
  methods,
}: {
  readonly choice: TrainingChoice;
  readonly onChange: (choice: TrainingChoice) => void;
  readonly methods: readonly PretextSummary[];
}) {
  const setNumber = (name: 'epochs' | 'batch' | 'width', text: string) => {
    const { [name]: _, ...others } = choice;
    onChange(text.trim() === '' ? others : { ...others, [name]: Number(text) });
  };
  const number = (name: 'epochs' | 'batch' | 'width', label: string, least: number) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={least}
        placeholder="chosen for you"
        value={choice[name] ?? ''}
        onInput={({ currentTarget }) => setNumber(name, currentTarget.value)}
      />
    </label>
  );
  return (
    <>
      <label class="field">
        <span>Method</span>
        <select
          value={choice.method}
          onChange={({ currentTarget }) => onChange({ ...choice, method: currentTarget.value })}
        >
          {methods.map(({ name, title, summary }) => (
            <option key={name} value={name}>
              {title}: {summary}
            </option>
          ))}
        </select>
      </label>
      <div class="fields">
        {number('epochs', 'Passes over the images', 1)}
        {number('batch', 'Images a step', 2)}
        {number('width', 'Width of the network', 1)}
      </div>
      <p class="small">
        Views are made by{' '}
        {isOwnPolicy.value ? 'the policy that you chose' : 'what suits the size of the images'}.{' '}
        <button type="button" class="link" onClick={() => goTo('augment')}>
          See and change them
        </button>
      </p>
    </>
  );
}

/** The methods' names come with the engine, which is large: they are fetched when they are needed. */
function usePretextMethods(): readonly PretextSummary[] {
  const [methods, setMethods] = useState<readonly PretextSummary[]>([]);
  useEffect(() => {
    void import('./pretext_list.ts').then(({ pretextSummaries }) => setMethods(pretextSummaries));
  }, []);
  return methods;
}
