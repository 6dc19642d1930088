import { effect, signal } from '@preact/signals';
import { platform } from '#platform';

/** `system` follows the computer. */
const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const names: Readonly<Record<Theme, string>> = {
  system: 'Theme: system',
  light: 'Theme: light',
  dark: 'Theme: dark',
};
const key = 'theme';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const theme = signal<Theme>(themes.find((name) => name === platform.preferences?.read(key)) ?? 'system');
const systemTheme = signal(systemIsDark.matches);
systemIsDark.addEventListener('change', ({ matches }) => {
  systemTheme.value = matches;
});

/** Whether the page is dark: what paints on a canvas must know. */
export const isDark = (): boolean => (theme.value === 'system' ? systemTheme.value : theme.value === 'dark');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

/** Chooses between light and dark. */
export function ThemeSwitch() {
  return (
    <label class="theme">
      <span class="hidden">Colours</span>
      <select value={theme.value} onChange={({ currentTarget }) => choose(currentTarget.value as Theme)}>
        {themes.map((name) => (
          <option key={name} value={name}>
            {names[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

function choose(next: Theme): void {
  theme.value = next;
  platform.preferences?.write(key, next);
}
