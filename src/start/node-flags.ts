/**
 * How Node is told to run the service; it can only be said when the process starts. Rows and messages die young, and
 * Node would let garbage grow to fill the machine: reading a list of a million rows took 550 MB without these, and was
 * slower. 1 GiB is ten times what the service needs for objects that live.
 */
export const nodeFlags = ['--max-semi-space-size=4', '--max-old-space-size=1024'];
