/*
 * A run and the pack beside it are moved together: out of a page into a folder, or to another machine. So config.json
 * names such a pack from the run's own folder, `pack:{run}/../images`, and whoever reads it from where the run lies.
 */

const beside = 'pack:{run}/../';

/** A path's folder with the slash behind it: '' for a name alone; undefined where the last part is no name. */
function folderOf(path: string): string | undefined {
  const [, folder = '', name = ''] = /^(.*[\\/])?([^\\/]+)[\\/]*$/.exec(path) ?? [];
  return name === '' || name === '.' || name === '..' ? undefined : folder;
}

/** The setting `data` as a run's config.json holds it. @param run the run's folder */
export function portableData(data: string, run: string): string {
  const folder = folderOf(run);
  if (folder === undefined || !data.startsWith(`pack:${folder}`)) return data;
  const inside = data.slice(`pack:${folder}`.length);
  // Without a folder in common every path would seem to lie beside the run.
  const isRelative = folder !== '' || !/^([\\/]|[A-Za-z]:)/.test(inside);
  return isRelative && !inside.split(/[\\/]/).includes('..') ? `${beside}${inside}` : data;
}

/** The setting `data` of a run's config.json, as it is to be opened. @param run the run's folder, seen from here */
export function openedData(data: string, run: string): string {
  if (!data.startsWith(beside)) return data;
  const folder = folderOf(run) ?? `${run.replace(/[\\/]+$/, '')}/../`;
  return `pack:${folder}${data.slice(beside.length)}`;
}
