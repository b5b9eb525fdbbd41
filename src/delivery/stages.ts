/** The stages that an email passes on its way through a worker, in this order: what a crash can come between. */
export const stages = ['claimed', 'marked', 'body-sent', 'reply-read', 'result-written', 'chunk-done'] as const;
export type Stage = (typeof stages)[number];

export const isStage = (name: string): name is Stage => (stages as readonly string[]).includes(name);

/** Told of each passing of a stage. */
export type StageHook = (stage: Stage) => void;

/** For tests: kills this process, as `kill -9` would, when it passes a stage the n-th time. Null: does nothing. */
export function crashHook(crashAt: { stage: Stage; passing: number } | null, kill: () => void): StageHook {
  let left = crashAt?.passing ?? 0;
  return (stage) => {
    if (stage === crashAt?.stage && --left === 0) kill();
  };
}
