/** The label (u32) of a row whose class is not known: losses on labels leave such rows out. */
export const unlabelled = 0xffffffff;
