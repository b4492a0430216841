/** Do what a command is for; whatever keeps it from it is told as the command tells everything else. */
export type Run = (what: string, json: boolean, work: () => Promise<number>) => Promise<void>;
