/** Whether a path of a folder's image names one of several in a file, `stack.tif#3`, and not a file. */
export const isPage = (path: string): boolean => /#\d+$/.test(path);

/** The file that a page's path is in: `stack.tif` of `stack.tif#3`. */
export const fileOfPage = (path: string): string => path.slice(0, path.lastIndexOf('#'));
