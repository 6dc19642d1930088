import { messages, putAway } from '../state/messages.ts';

/** Everything that the page has to say, in one place. */
export function LiveRegion() {
  return (
    <div class="messages" role="log" aria-live="polite" aria-label="Messages">
      {messages.value.map(({ id, kind, text }) => (
        <div key={id} class={`message ${kind}`}>
          <p>{text}</p>
          <button type="button" aria-label="Put this message away" onClick={() => putAway(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
