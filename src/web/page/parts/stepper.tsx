import { goTo, isOpen, screen, screenNames, screens } from '../state/screen.ts';

/** The steps, of which those that have what they need can be gone to. */
export function Stepper() {
  const at = screens.indexOf(screen.value);
  return (
    <nav class="stepper" aria-label="Steps">
      <ol>
        {screens.map((step, i) => (
          <li key={step} class={i < at ? 'past' : i === at ? 'here' : ''}>
            <button
              type="button"
              disabled={!isOpen(step)}
              aria-current={i === at ? 'step' : undefined}
              onClick={() => goTo(step)}
            >
              <span class="number" aria-hidden="true">
                {i + 1}
              </span>
              <span class="step">{screenNames[step]}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
