/** Whether a path of a folder's image names one of several in a file, `stack.tif#3`, and not a file. */
export const isPage = (path: string): boolean => /#\d+$/.test(path);
