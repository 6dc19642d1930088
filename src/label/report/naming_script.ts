/**
 * Lets a person name the groups of likely new classes: a click on a picture leaves it out, and what is named becomes a
 * file of labels, path by path, for the next run. Cells are guarded and quoted as the library's own CSV files are. Whoever
 * names a group chose none of its images at random, so the file says that they were proposed.
 */
export const namingScript = `
for (const part of document.querySelectorAll('.naming')) {
  const groups = [...part.querySelectorAll('.newgroup')];
  const link = part.querySelector('a[download]');
  const said = part.querySelector('output');
  const cell = (text) => {
    const safe = /^[=+\\-@\\t\\r\\n']/.test(text) ? "'" + text : text;
    return /[",\\r\\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const renew = () => {
    const lines = groups.flatMap((group) => {
      const name = group.querySelector('input').value.trim();
      const chosen = [...group.querySelectorAll('button[aria-pressed="true"]')];
      return name === '' ? [] : chosen.map((one) => cell(JSON.parse(one.dataset.path)) + ',' + cell(name) + ',proposed');
    });
    link.hidden = lines.length === 0;
    const text = ['path,label,origin', ...lines, ''].join('\\r\\n');
    link.setAttribute('href', 'data:text/csv;charset=utf-8,' + encodeURIComponent(text));
    said.textContent = lines.length === 0 ? 'no image is named yet' : lines.length + (lines.length === 1 ? ' image is named' : ' images are named');
  };
  for (const group of groups) {
    const input = group.querySelector('input');
    input.addEventListener('input', renew);
    group.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (!button) return;
      if (button.dataset.name) input.value = button.dataset.name;
      else button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') === 'true' ? 'false' : 'true');
      renew();
    });
  }
  renew();
}
`;
