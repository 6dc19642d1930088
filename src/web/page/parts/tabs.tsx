import type { ComponentChildren } from 'preact';
import { useEffect, useId } from 'preact/hooks';

/** A view of several. */
export interface Tab {
  readonly id: string;
  readonly name: string;
  /** How many things wait there; not shown where it is undefined. */
  readonly count?: number;
}

/** One of several views; arrow keys go from one to the next. */
export function Tabs({
  tabs,
  label,
  chosen,
  onChoose,
  children,
}: {
  readonly tabs: readonly Tab[];
  readonly label: string;
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
  readonly children: ComponentChildren;
}) {
  const own = useId();
  useEffect(() => {
    // On a narrow screen the row of tabs scrolls.
    document.getElementById(`${own}-${chosen}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [own, chosen]);
  const move = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      Home: -tabs.length,
      End: tabs.length,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex(({ id }) => id === chosen);
    const to =
      Math.abs(step) === 1 ? (at + step + tabs.length) % tabs.length : step < 0 ? 0 : tabs.length - 1;
    onChoose(tabs[to]!.id);
    document.getElementById(`${own}-${tabs[to]!.id}`)?.focus();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ id, name, count }) => (
          <button
            key={id}
            id={`${own}-${id}`}
            type="button"
            role="tab"
            aria-selected={id === chosen}
            aria-controls={`${own}-panel`}
            tabIndex={id === chosen ? 0 : -1}
            onClick={() => onChoose(id)}
          >
            {name}
            {count !== undefined && count > 0 && <span class="badge">{count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${own}-panel`} aria-labelledby={`${own}-${chosen}`}>
        {children}
      </div>
    </div>
  );
}
