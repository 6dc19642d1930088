/** A strength that can be moved, with what it is in words. */
export function Slider({
  name,
  value,
  most = 1,
  least = 0,
  words,
  onInput,
}: {
  readonly name: string;
  readonly value: number;
  readonly most?: number;
  readonly least?: number;
  /** The value for people. */
  readonly words: string;
  readonly onInput: (value: number) => void;
}) {
  return (
    <label class="slider">
      <span>{name}</span>
      <output>{words}</output>
      <input
        type="range"
        min={least}
        max={most}
        step={(most - least) / 20}
        value={value}
        aria-valuetext={words}
        onInput={({ currentTarget }) => onInput(Number(currentTarget.value))}
      />
    </label>
  );
}
